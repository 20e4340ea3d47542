import { expect, test } from 'vitest';
import { parseSnooze, snoozeIn } from './snooze';

// A Sunday, 14:30 local time.
const now = new Date(2026, 10, 22, 14, 30);
const local = (words: string) => {
  const until = parseSnooze(words, now);
  return until && [until.getMonth() + 1, until.getDate(), until.getHours(), until.getMinutes()];
};

test.each([
  ['3h', [11, 22, 17, 30]],
  ['in 45 min', [11, 22, 15, 15]],
  ['tomorrow', [11, 23, 9, 0]],
  ['tomorrow 8', [11, 23, 8, 0]],
  ['mon 9', [11, 23, 9, 0]],
  ['fri 16:15', [11, 27, 16, 15]],
  ['sunday', [11, 29, 9, 0]],
  ['tonight', [11, 22, 18, 0]],
  ['9', [11, 23, 9, 0]],
  ['5pm', [11, 22, 17, 0]],
  ['next week', [11, 23, 9, 0]],
  ['מחר 8', [11, 23, 8, 0]],
  ['יום חמישי', [11, 26, 9, 0]],
  ['בעוד 2 שעות', [11, 22, 16, 30]],
])('%s', (words, expected) => {
  expect(local(words)).toEqual(expected);
});

test('words that mean no time are refused', () => {
  for (const words of ['', 'soon', 'mon 25', '99x', '8:75']) expect(local(words)).toBeNull();
});

test('the time is on the clock of the agent, not of the machine', () => {
  const seen = new Date('2026-11-22T12:00:00Z');
  expect(snoozeIn('mon 9', seen, 'Europe/Oslo')?.toISOString()).toBe('2026-11-23T08:00:00.000Z');
  expect(snoozeIn('tomorrow 9', seen, 'Asia/Tokyo')?.toISOString()).toBe(
    '2026-11-23T00:00:00.000Z',
  );
  expect(snoozeIn('3h', seen, 'Asia/Tokyo')?.toISOString()).toBe('2026-11-22T15:00:00.000Z');
  expect(snoozeIn('mon 9', new Date('2026-10-23T12:00:00Z'), 'Europe/Oslo')?.toISOString()).toBe(
    '2026-10-26T08:00:00.000Z',
  );
});
