import { describe, expect, it } from 'vitest';
import {
  applyReceipt,
  further,
  lastSeq,
  mergeConversations,
  mergeMessages,
} from '../src/lib/merge';
import { entriesOf, initialsOf } from '../src/lib/timeline';
import type { Conversation, WidgetMessage } from '../src/lib/types';

function message(seq: number, more: Partial<WidgetMessage> = {}): WidgetMessage {
  return {
    id: `m${seq}`,
    conversation_id: 'c',
    seq,
    author: { kind: 'visitor', name: '' },
    text: `text ${seq}`,
    attachments: [],
    client_id: null,
    created_at: `2026-11-22T10:${String(seq).padStart(2, '0')}:00Z`,
    state: 'sent',
    ...more,
  };
}

describe('merging', () => {
  it('keeps one of each in server order, however often and in whatever order they come', () => {
    const all = [1, 2, 5, 7, 8].map((seq) => message(seq));
    const shuffled = [7, 1, 8, 2, 5, 7, 1].map((seq) => message(seq));
    let shown: WidgetMessage[] = [];
    for (const one of shuffled) shown = mergeMessages(shown, [one]);
    expect(shown).toEqual(all);
    expect(mergeMessages(shown, all)).toEqual(all);
    expect(lastSeq(shown)).toBe(8);
  });

  it('never takes a read message back to sent', () => {
    const shown = applyReceipt([message(1), message(2)], 1, 'read');
    expect(shown.map((one) => one.state)).toEqual(['read', 'sent']);
    expect(mergeMessages(shown, [message(1)])[0]?.state).toBe('read');
    expect(further('delivered', 'sent')).toBe('delivered');
  });

  it('leaves the desk own messages out of receipts', () => {
    const [agent] = applyReceipt([message(1, { author: { kind: 'agent', name: 'A' } })], 9, 'read');
    expect(agent?.state).toBe('sent');
  });

  it('ignores an older version of a conversation', () => {
    const newer = { id: 'c', last_seq: 5, created_at: 'b' } as Conversation;
    const older = { id: 'c', last_seq: 3, created_at: 'b' } as Conversation;
    expect(mergeConversations([newer], [older])).toEqual([newer]);
  });
});

describe('timeline', () => {
  const pending = {
    client_id: 'x',
    conversation: 'c',
    text: 'hi',
    attachments: [],
    form: null,
    page: null,
    written_at: Date.parse('2026-11-22T11:00:00Z'),
    state: 'waiting' as const,
    reason: null,
    attempts: 0,
  };

  it('shows a sent message once while its outbox entry is still there', () => {
    const shown = entriesOf([message(1, { client_id: 'x' })], [pending], []);
    expect(shown.map((entry) => entry.kind)).toEqual(['day', 'message']);
  });

  it('keeps the key of a bubble when it is confirmed', () => {
    const before = entriesOf([], [pending], []).find((entry) => entry.kind === 'pending');
    const after = entriesOf([message(1, { client_id: 'x' })], [], []).find(
      (entry) => entry.kind === 'message',
    );
    expect(after?.key).toBe(before?.key);
  });

  it('signs only the last of several messages of one writer', () => {
    const agent = { kind: 'agent', name: 'Ingrid' } as const;
    const shown = entriesOf([message(1, { author: agent }), message(2, { author: agent })], [], []);
    const signed = shown.map((entry) => entry.kind === 'message' && entry.showAuthor);
    expect(signed).toEqual([false, false, true]);
  });

  it('makes initials in any script', () => {
    expect(initialsOf('Ingrid Dahl')).toBe('ID');
    expect(initialsOf('נועה')).toBe('נו');
    expect(initialsOf('')).toBe('');
  });
});
