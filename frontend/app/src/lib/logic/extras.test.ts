import { expect, it } from 'vitest';
import type { Message } from '$shared/api/types';
import { extrasOf, failedCheck } from './extras';

const message = (over: Partial<Message>): Message =>
  ({
    kind: 'inbound',
    extra: {},
    edited_at: null,
    removed_at: null,
    late: false,
    ...over,
  }) as Message;

it('finds nothing on a plain message', () => {
  expect(extrasOf(message({}))).toBeNull();
});

it('counts people by reaction', () => {
  const extra = {
    reactions: [
      { emoji: '👍', name: 'Kari' },
      { emoji: '👍', name: 'Ola' },
      { emoji: '❤️', name: 'Ada' },
    ],
  };
  expect(extrasOf(message({ extra }))?.reactions).toEqual([
    { emoji: '👍', names: 'Kari, Ola' },
    { emoji: '❤️', names: 'Ada' },
  ]);
});

it('shows the text before the last edit, and what a message answers', () => {
  const extra = { versions: [{ text: 'first' }, { text: 'second' }], reply_to_seq: 3 };
  const found = extrasOf(message({ extra, edited_at: '2026-01-01T00:00:00Z' }));
  expect(found?.before).toBe('second');
  expect(found?.answers).toBe(3);
});

it('does not trip over values of another shape', () => {
  const extra = { reactions: 'no', buttons: [{ title: 7 }], template: {}, reply_to_seq: '3' };
  const found = extrasOf(message({ extra }));
  expect(found?.reactions).toEqual([]);
  expect(found?.choices).toEqual(['']);
  expect(found?.answers).toBeNull();
});

it('names the failed check of a forged sender', () => {
  expect(failedCheck({ dmarc: 'fail', spf: 'pass' })).toBe('DMARC');
  expect(failedCheck({ dmarc: 'pass', spf: 'fail' })).toBe('');
  expect(failedCheck({ spf: 'fail', dkim: 'fail' })).toBe('SPF, DKIM');
  expect(failedCheck({ spf: 'fail', dkim: 'pass' })).toBe('');
  expect(failedCheck({})).toBe('');
  expect(failedCheck(undefined)).toBe('');
});
