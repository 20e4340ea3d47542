import { describe, expect, it, vi } from 'vitest';
import en from '../../messages/widget/en.json';
import { Bridge, isTrusted } from '../src/lib/bridge';
import { accentOf, contrast } from '../src/lib/contrast';
import { openAt, weekIn } from '../src/lib/hours';
import { piecesOf, safeHref } from '../src/lib/linkify';
import { chooseLocale } from '../src/lib/locale';
import { m, setLocale } from '../src/lib/messages';
import type { FormField, WeekHours } from '../src/lib/types';
import { emailProblem, formOf, problemsOf } from '../src/lib/validate';

const OSLO: WeekHours = {
  timezone: 'Europe/Oslo',
  week: Object.fromEntries([0, 1, 2, 3, 4].map((day) => [day, [['09:00', '18:00']]])),
};

describe('hours', () => {
  const sunday = new Date('2026-11-22T12:00:00Z');

  it('says when the desk opens next, across the weekend and summer time', () => {
    expect(openAt(OSLO, sunday)).toEqual({ open: false, until: new Date('2026-11-23T08:00:00Z') });
    // Clocks go forward on 29 March 2026: nine in Oslo is seven in UTC from then on.
    expect(openAt(OSLO, new Date('2026-03-28T12:00:00Z')).until).toEqual(
      new Date('2026-03-30T07:00:00Z'),
    );
    expect(openAt(OSLO, new Date('2026-11-23T16:59:00Z')).open).toBe(true);
    expect(openAt(OSLO, new Date('2026-11-23T17:00:00Z')).open).toBe(false);
  });

  it('moves the week into the visitor zone and groups equal days', () => {
    const rows = weekIn(OSLO, 'Europe/Lisbon', sunday);
    expect(rows.map((row) => [row.from, row.to, row.windows.length, row.today])).toEqual([
      [1, 5, 1, false],
      [6, 6, 0, false],
      [7, 7, 0, true],
    ]);
    expect(rows[0]?.windows[0]?.[0]).toEqual(new Date('2026-11-23T08:00:00Z'));
  });

  it('splits a window that crosses the visitor midnight', () => {
    const rows = weekIn(OSLO, 'Asia/Tokyo', sunday);
    const saturday = rows.find((row) => row.from <= 6 && row.to >= 6);
    // Friday 18:00 in Oslo is Saturday 02:00 in Tokyo.
    expect(saturday?.windows[0]?.[1]).toEqual(new Date('2026-11-27T17:00:00Z'));
  });

  it('follows a night shift past midnight', () => {
    const night: WeekHours = { timezone: 'UTC', week: { 6: [['22:00', '06:00']] } };
    expect(openAt(night, new Date('2026-11-23T03:00:00Z'))).toEqual({
      open: true,
      until: new Date('2026-11-23T06:00:00Z'),
    });
  });
});

describe('forms', () => {
  it('says which part of an address is wrong', () => {
    expect(emailProblem('')).toBe('required');
    expect(emailProblem('mara')).toBe('email-at');
    expect(emailProblem('a@b@c.de')).toBe('email-at');
    expect(emailProblem('mara@fjordpost')).toBe('email-domain');
    expect(emailProblem(' mara@fjordpost.example ')).toBeNull();
  });

  it('asks for required fields only, and checks an optional address that was given', () => {
    const fields = [
      { name: 'name', label: '', type: 'text', required: false },
      { name: 'email', label: '', type: 'email', required: false },
      { name: 'terms', label: '', type: 'checkbox', required: true },
    ] as FormField[];
    expect([...problemsOf(fields, { email: 'x' })]).toEqual([
      ['email', 'email-at'],
      ['terms', 'required'],
    ]);
    expect([...problemsOf(fields, { terms: true })]).toEqual([]);
  });

  it('puts own fields under fields and leaves empty ones out', () => {
    expect(formOf({ name: ' Mara ', email: '', order: 'FS-1' })).toEqual({
      name: 'Mara',
      fields: { order: 'FS-1' },
    });
  });
});

describe('accent', () => {
  it('is readable on both themes, whatever the inbox chose', () => {
    const grounds = { light: '#ffffff', dark: '#15171b' };
    for (const accent of ['#ffe14d', '#000000', '#ffffff', '#4450d6', '#00c2a8'])
      for (const theme of ['light', 'dark'] as const) {
        const colours = accentOf(accent, theme);
        expect(contrast(colours?.solid ?? '', colours?.onSolid ?? '')).toBeGreaterThan(4.5);
        expect(contrast(colours?.text ?? '', grounds[theme])).toBeGreaterThan(4.5);
        expect(contrast(colours?.text ?? '', colours?.tint ?? '')).toBeGreaterThan(4.5);
      }
  });

  it('leaves a good colour as it is and refuses what is none', () => {
    expect(accentOf('#4450d6', 'light')?.solid).toBe('#4450d6');
    expect(accentOf('red;}', 'light')).toBeNull();
  });
});

describe('text', () => {
  it('finds addresses without the punctuation after them', () => {
    expect(piecesOf('See https://a.example/x?y=1. Thanks')).toEqual([
      { text: 'See ', href: null },
      { text: 'https://a.example/x?y=1', href: 'https://a.example/x?y=1' },
      { text: '. Thanks', href: null },
    ]);
    expect(piecesOf('<img src=x onerror=1>')[0]?.href).toBeNull();
  });

  it('follows pages only', () => {
    expect(safeHref('javascript:alert(1)')).toBeNull();
    expect(safeHref('//evil.example')).toBeNull();
    expect(safeHref('/help/1')).toBe('/help/1');
  });

  it('speaks the first language both sides know', () => {
    expect(chooseLocale([null, 'fr-FR', 'he-IL'], ['en', 'he'])).toBe('he');
    expect(chooseLocale(['he'], ['en'])).toBe('en');
    expect(chooseLocale(['fr'], ['de'])).toBe('en');
  });

  it('fills sentences in the language in use', async () => {
    await setLocale('en');
    expect(m.greeting({ name: 'Mara $&' })).toBe(en.greeting.replace('{name}', () => 'Mara $&'));
    await setLocale('he');
    expect(m.today()).toBe('היום');
  });
});

describe('bridge', () => {
  function frame() {
    const parent = { postMessage: vi.fn() };
    let listener: (event: unknown) => void = () => undefined;
    const window = {
      parent,
      addEventListener: (_: string, heard: typeof listener) => (listener = heard),
    };
    const bridge = new Bridge(window as never);
    const say = (origin: string, data: unknown, source: unknown = parent) =>
      listener({ origin, data, source });
    return { bridge, parent, say };
  }

  it('hears a trusted page only, also what came before the list was known', () => {
    const { bridge, parent, say } = frame();
    const heard: string[] = [];
    say('https://shop.example', { parley: 'init' });
    say('https://evil.example', { parley: 'identity' });
    bridge.trust(['https://shop.example'], (message) => heard.push(message.parley));
    say('https://shop.example.evil.example', { parley: 'forget' });
    say('https://shop.example', { parley: 'forget' }, {});
    expect(heard).toEqual(['init']);
    bridge.tell({ parley: 'ready' });
    expect(parent.postMessage).toHaveBeenCalledExactlyOnceWith(
      { parley: 'ready' },
      'https://shop.example',
    );
  });

  it('says nothing before a trusted page has spoken', () => {
    const { bridge, parent, say } = frame();
    bridge.trust(['https://shop.example'], () => undefined);
    say('https://evil.example', { parley: 'init' });
    bridge.tell({ parley: 'token', token: 'secret' });
    expect(parent.postMessage).not.toHaveBeenCalled();
    expect(isTrusted('null', ['null'])).toBe(false);
  });
});
