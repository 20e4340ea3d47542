import { beforeAll, describe, expect, it } from 'vitest';
import { speak } from '../words/catalogue.svelte';
import { fetchLevels, l } from '../words/levels';
import { newLine, rowsOf, treeOf, unfinished } from './conditions';
import { isoOf, minutesOf, minutesTyped, typed } from './duration';
import { dataOfDraft, differences, draftOf, problemsOf } from './policy';
import { reasonText, routingText, spanMs } from './reasons';
import { barsOf, shares, wall } from './week';

describe('a duration', () => {
  it.each([
    ['1h 30m', 90],
    ['45m', 45],
    ['45 min', 45],
    ['1.5h', 90],
    ['1,5', 90],
    ['80h', 4800],
    ['soon', null],
    ['', null],
    ['-1h', null],
  ])('is read as it is typed: %s', (text, minutes) => {
    expect(minutesTyped(text)).toBe(minutes);
  });

  it('comes back from the server as it went there', () => {
    for (const minutes of [1, 59, 60, 61, 1440, 4800]) {
      expect(minutesOf(isoOf(minutes))).toBe(minutes);
      expect(minutesTyped(typed(minutes))).toBe(minutes);
    }
    expect(minutesOf('P3DT8H')).toBe(4800);
    expect(minutesOf('-PT1800S')).toBe(-30);
  });
});

describe('a condition', () => {
  const tree = {
    all: [
      { field: 'priority', op: 'at_least', value: 'high' },
      { not: { field: 'tags', op: 'has', value: 'spam' } },
      { field: 'custom.plan', op: 'is', value: 'gold' },
      { field: 'channel', op: 'in', value: ['email', 'sms'] },
    ],
  };

  it('is shown in lines and stays the same', () => {
    const rows = rowsOf(tree);
    expect(rows?.lines).toHaveLength(4);
    expect(treeOf(rows!)).toEqual(tree);
  });

  it('of one comparison is a line, and a value is one of several', () => {
    expect(rowsOf({ field: 'channel', op: 'is', value: 'email' })?.lines[0]?.value).toEqual([
      'email',
    ]);
  });

  it('that is nested deeper is left as it is', () => {
    expect(rowsOf({ all: [{ any: [{ field: 'tags', op: 'has', value: 'a' }] }] })).toBeNull();
  });

  it('is unfinished until every line says something', () => {
    expect(unfinished(newLine('channel'))).toBe(true);
    expect(unfinished({ ...newLine('custom'), key: 'plan', op: 'present' })).toBe(false);
  });
});

describe('a policy', () => {
  const data = {
    name: 'Standard',
    condition: { all: [] },
    targets: {
      urgent: { first_response: { duration: 'PT30M', business: false }, resolution: null },
    },
    hours: { calendar: 'oslo', customer_zone: true },
    steps: [
      {
        id: 'warn',
        action: 'notify',
        to: 'assignee',
        at: 'PT0S',
        share: 0.75,
        metrics: ['resolution'],
        in_hours: true,
      },
      { id: 'late', action: 'notify', to: 'lead', at: '-PT1800S', share: null },
    ],
    olas: [{ team: 't', target: { duration: 'PT4H', business: true } }],
  };

  it('is sent back as it came', () => {
    const sent = dataOfDraft(draftOf(data), data) as typeof data;
    expect(sent.targets.urgent.first_response).toEqual({ duration: 'PT30M', business: false });
    expect(sent.hours).toEqual(data.hours);
    expect(sent.steps[0]).toMatchObject({ share: 0.75, metrics: ['resolution'], to: 'assignee' });
    expect(sent.steps[1]).toMatchObject({ share: null, at: '-PT30M' });
    expect(sent.olas[0]?.target).toEqual({ duration: 'PT240M', business: true });
  });

  it('says which fields cannot be', () => {
    const draft = draftOf(data);
    draft.name = ' ';
    draft.targets.low.update.text = 'soon';
    draft.steps[0]!.amount = '140';
    draft.olas[0]!.text = '';
    expect(Object.keys(problemsOf(draft)).sort()).toEqual([
      'low update',
      'name',
      'ola 0',
      'step 0',
    ]);
  });

  it('shows what changed between two versions', () => {
    const after = { ...data, hours: { calendar: 'tokyo', customer_zone: true } };
    expect(differences(data, after)).toEqual([
      { path: ['hours', 'calendar'], before: 'oslo', after: 'tokyo' },
    ]);
  });
});

describe('a week', () => {
  it('cuts a night at midnight and carries Sunday into Monday', () => {
    const bars = barsOf({ '0': [['09:00', '17:00']], '6': [['22:00', '06:00']] });
    expect(bars[0]).toEqual([
      [0, 360],
      [540, 1020],
    ]);
    expect(bars[6]).toEqual([[1320, 1440]]);
    expect(barsOf({ '2': [['00:00', '00:00']] })[2]).toEqual([[0, 1440]]);
  });

  it('takes a time of day as people type it', () => {
    expect(['9', '930', '9:30', '17.15', '24:00', 'noon'].map(wall)).toEqual([
      '09:00',
      '09:30',
      '09:30',
      '17:15',
      null,
      null,
    ]);
  });

  it('lays spans out on a line of time', () => {
    expect(
      shares(
        [['2026-01-01T06:00:00Z', '2026-01-01T12:00:00Z']],
        '2026-01-01T00:00:00Z',
        '2026-01-02T00:00:00Z',
      ),
    ).toEqual([{ from: 25, size: 25 }]);
  });
});

describe('why somebody gets a ticket', () => {
  const skilled = {
    key: 'routing.skill',
    text: 'Skilled in customs (+15).',
    params: { skills: 'customs', share: 1, agent: 'Tan Wei', points: 15 },
  };
  beforeAll(async () => {
    await speak('he');
    await fetchLevels();
  });

  it('is said in the reader’s language, with its points', () => {
    expect(reasonText(skilled)).toBe('מיומנות: customs (+15)');
    expect(
      reasonText({
        key: 'routing.nobody',
        text: 'Nobody can take it: 2 off shift.',
        params: { counts: { off_shift: 2 }, team: '' },
      }),
    ).toContain('מחוץ לשעות העבודה: 2');
  });

  it('says who it is, then why', () => {
    const told = routingText({ params: { agent: 'Tan Wei' }, reasons: [skilled] }, 'English');
    expect(told).toBe(`${l.gets_it({ agent: 'Tan Wei' })} מיומנות: customs (+15)`);
  });

  it('is the engine’s sentence where the key is a new one', () => {
    expect(reasonText({ key: 'routing.moon', text: 'The moon is full.' })).toBe(
      'The moon is full.',
    );
  });

  it('reads a span as the engine writes it', () => {
    expect(spanMs('2 h 05 min')).toBe(125 * 60_000);
    expect(spanMs('-8 min')).toBe(-8 * 60_000);
    expect(spanMs('3 d 4 h')).toBe(76 * 3_600_000);
    expect(spanMs('soon')).toBeNull();
  });
});
