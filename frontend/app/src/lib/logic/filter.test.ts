import { describe, expect, test } from 'vitest';
import type { TicketRow } from '$shared/api/types';
import { belongs, placed } from './filter';

const now = Date.parse('2026-11-22T12:00:00Z');
const row = (over: Partial<TicketRow>): TicketRow =>
  ({
    id: 'x',
    status: 'open',
    priority: 'normal',
    channel: 'email',
    inbox_id: 'i',
    assignee_id: null,
    team_id: null,
    tags: [],
    unread: false,
    snoozed_until: null,
    contact: { id: 'c', name: 'C' },
    next_due_at: null,
    waiting_since: null,
    created_at: '2026-11-22T10:00:00Z',
    last_message: null,
    locale: null,
    ...over,
  }) as TicketRow;

describe('live membership of a list', () => {
  test('each filter can exclude', () => {
    const query = { status: ['new', 'open'], assignee: 'me', not_tag: ['spam'], snoozed: false };
    expect(belongs(row({ assignee_id: 'me1' }), query, 'me1', now)).toBe(true);
    expect(belongs(row({ assignee_id: 'other' }), query, 'me1', now)).toBe(false);
    expect(belongs(row({ assignee_id: 'me1', tags: ['spam'] }), query, 'me1', now)).toBe(false);
    expect(
      belongs(
        row({ assignee_id: 'me1', snoozed_until: '2026-11-23T00:00:00Z' }),
        query,
        'me1',
        now,
      ),
    ).toBe(false);
  });
  test('words are left to the server', () => {
    expect(belongs(row({}), { q: 'zip' }, 'me1', now)).toBeNull();
  });
});

describe('the place of a changed ticket', () => {
  const a = row({ id: 'a', next_due_at: '2026-11-22T12:10:00Z' });
  const b = row({ id: 'b', next_due_at: '2026-11-22T12:30:00Z' });
  const rows = new Map([
    ['a', a],
    ['b', b],
  ]);
  const options = { fits: true, sort: 'next_due_at' as const, keep: null, complete: true };
  test('by deadline, and without one at the end', () => {
    expect(
      placed(['a', 'b'], row({ id: 'n', next_due_at: '2026-11-22T12:20:00Z' }), rows, options),
    ).toEqual(['a', 'n', 'b']);
    expect(placed(['a', 'b'], row({ id: 'n' }), rows, options)).toEqual(['a', 'b', 'n']);
    expect(placed(['a', 'b'], row({ id: 'n' }), rows, { ...options, complete: false })).toEqual([
      'a',
      'b',
    ]);
  });
  test('what no longer fits leaves, except the ticket being read', () => {
    expect(placed(['a', 'b'], a, rows, { ...options, fits: false })).toEqual(['b']);
    expect(placed(['a', 'b'], a, rows, { ...options, fits: false, keep: 'a' })).toEqual(['a', 'b']);
  });
});
