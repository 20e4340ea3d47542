/** The thread as it is read: messages between day separators, with the place where new ones start. */
import type { Message } from '$shared/api/types';

export type TimelineItem =
  | { type: 'day'; key: string; at: string }
  | { type: 'new'; key: string }
  | { type: 'message'; key: string; message: Message; follows: boolean };

const SAME_BREATH_MS = 3 * 60_000;

/**
 * `readSeq` is what the agent had read on opening; `dayKey` names the local day of a time.
 * `follows` marks a message right after another of the same author, which needs no heading.
 */
export function timelineOf(
  messages: readonly Message[],
  readSeq: number,
  me: string,
  dayKey: (iso: string) => string,
): TimelineItem[] {
  const items: TimelineItem[] = [];
  let day = '';
  let divided = false;
  let previous: Message | null = null;
  for (const message of messages) {
    const here = dayKey(message.occurred_at);
    let broken = previous === null;
    if (here !== day) {
      day = here;
      broken = true;
      items.push({ type: 'day', key: `day:${here}`, at: message.occurred_at });
    }
    if (!divided && message.seq > readSeq && message.author.id !== me && previous !== null) {
      divided = true;
      broken = true;
      items.push({ type: 'new', key: 'new' });
    }
    const follows = !broken && previous !== null && sameBreath(previous, message);
    const key = message.client_id ? `c:${message.client_id}` : message.id;
    items.push({ type: 'message', key, message, follows });
    previous = message;
  }
  return items;
}

function sameBreath(before: Message, after: Message): boolean {
  return (
    before.kind === after.kind &&
    before.kind !== 'system' &&
    before.channel === after.channel &&
    before.author.name === after.author.name &&
    before.envelope === null &&
    after.envelope === null &&
    Date.parse(after.created_at) - Date.parse(before.created_at) < SAME_BREATH_MS
  );
}
