import { describe, expect, test } from 'vitest';
import { clockOf, spanOf } from './sla';

const now = Date.parse('2026-11-22T12:00:00Z');
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
const row = (over: Partial<Parameters<typeof clockOf>[0]>) => ({
  next_due_at: null,
  next_due_kind: null,
  waiting_since: null,
  created_at: at(-600),
  status: 'open' as const,
  snoozed_until: null,
  ...over,
});

describe('the clock of a ticket', () => {
  test.each([
    [-40, 'neutral'],
    [-80, 'amber'],
    [-95, 'red'],
    [-101, 'over'],
  ])('a 100 minute deadline %d minutes in is %s', (since, state) => {
    const clock = clockOf(
      row({
        waiting_since: at(since),
        next_due_at: at(since + 100),
        next_due_kind: 'next_response',
      }),
      now,
    );
    expect(clock?.state).toBe(state);
  });
  test('without a deadline the wait is told, never a false alarm', () => {
    expect(clockOf(row({ waiting_since: at(-12) }), now)).toEqual({
      state: 'waiting',
      kind: null,
      ms: 720_000,
    });
  });
  test('a pending ticket without a deadline is paused, a resolved one has no clock', () => {
    expect(clockOf(row({ status: 'pending' }), now)?.state).toBe('paused');
    expect(clockOf(row({ status: 'resolved', next_due_at: at(5) }), now)).toBeNull();
  });
  test('snoozed until later hides the deadline, and shows it again once over', () => {
    expect(clockOf(row({ snoozed_until: at(30), next_due_at: at(5) }), now)?.state).toBe('snoozed');
    expect(clockOf(row({ snoozed_until: at(-1), next_due_at: at(-5) }), now)?.state).toBe('over');
  });
});

const written = (ms: number) => {
  const span = spanOf(ms);
  return span.sign + span.parts.map((part) => `${part.value}${part.unit}`).join(' ');
};

test('durations have at most two units', () => {
  expect(written(12 * 60_000 + 59_000)).toBe('12m');
  expect(written(40_000)).toBe('40s');
  expect(written(-8 * 60_000)).toBe('−8m');
  expect(written(80 * 60_000)).toBe('1h 20m');
  expect(written(120 * 60_000)).toBe('2h');
  expect(written(26 * 3_600_000)).toBe('1d 2h');
});
