import { describe, expect, test } from 'vitest';
import { mergeMessages, reconcile } from './feed';

const items = (...seqs: number[]) => seqs.map((seq) => ({ seq }));

describe('the event feed', () => {
  test('events in order are applied, repeated ones are not', () => {
    expect(reconcile(3, items(3, 4, 5))).toEqual({ apply: items(4, 5), lastSeq: 5, gap: false });
  });
  test('a hole stops before it and asks to resume', () => {
    expect(reconcile(3, items(4, 6, 7))).toEqual({ apply: items(4), lastSeq: 4, gap: true });
  });
  test('a shuffled batch is put in order', () => {
    expect(reconcile(0, items(2, 1, 3)).lastSeq).toBe(3);
  });
});

describe('the messages of a ticket', () => {
  const message = (id: string, seq: number, client_id: string | null = null, state = 'sent') => ({
    id,
    seq,
    client_id,
    state,
    occurred_at: '2026-11-22T10:00:00Z',
  });
  test('what comes late stands where it was written', () => {
    const late = { ...message('m3', 3), occurred_at: '2026-11-22T09:59:59.999999Z' };
    const merged = mergeMessages([message('m1', 1), message('m2', 2)], [late]);
    expect(merged.map((one) => one.id)).toEqual(['m3', 'm1', 'm2']);
  });
  test('the confirmed message replaces the one shown while sending', () => {
    const merged = mergeMessages(
      [message('m1', 1), message('local:c', 1.5, 'c')],
      [message('m2', 2, 'c')],
    );
    expect(merged.map((one) => one.id)).toEqual(['m1', 'm2']);
  });
  test('a newer state replaces the older, in place', () => {
    const merged = mergeMessages(
      [message('m1', 1), message('m2', 2)],
      [message('m1', 1, null, 'read')],
    );
    expect(merged.map((one) => one.state)).toEqual(['read', 'sent']);
  });
});
