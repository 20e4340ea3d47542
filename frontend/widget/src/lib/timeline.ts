/** What a conversation shows: confirmed messages by day, then what is still on its way. */
import type { OutboxItem } from './outbox';
import type { WidgetMessage } from './types';

export type UploadItem = {
  id: string;
  conversation: string;
  name: string;
  size: number;
  /** 0 to 1. */
  share: number;
  state: 'running' | 'failed';
  /** A problem code. */
  reason: string | null;
  /** A local address of the picture, for images. */
  preview: string | null;
  written_at: number;
};

export type Entry =
  | { kind: 'day'; key: string; at: string }
  | {
      kind: 'message';
      key: string;
      message: WidgetMessage;
      showAuthor: boolean;
      showState: boolean;
    }
  | { kind: 'pending'; key: string; item: OutboxItem }
  | { kind: 'upload'; key: string; upload: UploadItem };

const GROUP = 5 * 60_000;

/** The entries of one conversation; a pending item the server already has is not shown twice. */
export function entriesOf(
  messages: readonly WidgetMessage[],
  pending: readonly OutboxItem[],
  uploads: readonly UploadItem[],
): Entry[] {
  const known = new Set(messages.map((message) => message.client_id));
  const waiting = pending.filter((item) => !known.has(item.client_id));
  const entries: Entry[] = [];
  let day = '';
  const lastOwn = messages.findLast((message) => message.author.kind === 'visitor');
  messages.forEach((message, at) => {
    const here = new Date(message.created_at).toDateString();
    if (here !== day) entries.push({ kind: 'day', key: here, at: message.created_at });
    day = here;
    const next = messages[at + 1];
    entries.push({
      kind: 'message',
      // The same key before and after the server's answer: the bubble changes, it does not jump.
      key: message.client_id ?? message.id,
      message,
      showAuthor: !next || !sameGroup(message, next),
      showState: message === lastOwn || (next !== undefined && next.state !== message.state),
    });
  });
  const tail = [
    ...waiting.map((item): [number, Entry] => [
      item.written_at,
      { kind: 'pending', key: item.client_id, item },
    ]),
    ...uploads.map((item): [number, Entry] => [
      item.written_at,
      { kind: 'upload', key: item.id, upload: item },
    ]),
  ].sort(([one], [other]) => one - other);
  if (tail[0] && new Date(tail[0][0]).toDateString() !== day)
    entries.push({ kind: 'day', key: 'pending-day', at: new Date(tail[0][0]).toISOString() });
  return [...entries, ...tail.map(([, entry]) => entry)];
}

/** Same writer, and less than five minutes between them: one signature under the last. */
function sameGroup(one: WidgetMessage, other: WidgetMessage): boolean {
  return (
    one.author.kind === other.author.kind &&
    one.author.name === other.author.name &&
    Date.parse(other.created_at) - Date.parse(one.created_at) < GROUP
  );
}

/** Up to two initials of a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters =
    words.length > 1 ? [words[0]?.[0], words.at(-1)?.[0]] : [...name.trim()].slice(0, 2);
  return letters.join('').toLocaleUpperCase();
}
