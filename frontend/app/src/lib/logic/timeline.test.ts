import { expect, test } from 'vitest';
import type { Message } from '$shared/api/types';
import { timelineOf } from './timeline';

const message = (seq: number, at: string, name = 'Ingrid', id: string | null = null): Message =>
  ({
    id: `m${seq}`,
    seq,
    kind: 'inbound',
    author: { kind: 'contact', id, name },
    channel: 'webchat',
    created_at: at,
    occurred_at: at,
    client_id: null,
    envelope: null,
  }) as Message;
const day = (iso: string) => iso.slice(0, 10);
const shape = (items: ReturnType<typeof timelineOf>) =>
  items.map((item) =>
    item.type === 'message' ? item.message.id + (item.follows ? '+' : '') : item.type,
  );

test('days are separated and new messages divided once', () => {
  const messages = [
    message(1, '2026-11-19T21:00:00Z'),
    message(2, '2026-11-22T10:00:00Z'),
    message(3, '2026-11-22T10:01:00Z'),
    message(4, '2026-11-22T10:02:00Z'),
  ];
  expect(shape(timelineOf(messages, 2, 'me', day))).toEqual([
    'day',
    'm1',
    'day',
    'm2',
    'new',
    'm3',
    'm4+',
  ]);
});

test('what I wrote myself is never new', () => {
  const messages = [
    message(1, '2026-11-22T10:00:00Z'),
    message(2, '2026-11-22T10:09:00Z', 'Me', 'me'),
  ];
  expect(shape(timelineOf(messages, 1, 'me', day))).toEqual(['day', 'm1', 'm2']);
});
