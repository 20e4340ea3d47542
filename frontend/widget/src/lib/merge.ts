/** Merging what the server says into what is on the screen: no doubles, server order, no steps back. */
import type { Conversation, MessageState, WidgetMessage } from './types';

const RANK: Record<MessageState, number> = { sent: 0, delivered: 1, read: 2 };

/** The later of two delivery states; receipts may arrive before the message they are about. */
export function further(one: MessageState, other: MessageState): MessageState {
  return RANK[one] >= RANK[other] ? one : other;
}

/** Known and incoming messages as one list by `seq`; the same id is kept once. */
export function mergeMessages(
  known: readonly WidgetMessage[],
  incoming: readonly WidgetMessage[],
): WidgetMessage[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of incoming) {
    const before = byId.get(message.id);
    byId.set(
      message.id,
      before ? { ...message, state: further(before.state, message.state) } : message,
    );
  }
  return [...byId.values()].sort((one, other) => one.seq - other.seq);
}

/** The desk has read (or received) everything the visitor wrote up to `seq`. */
export function applyReceipt(
  messages: readonly WidgetMessage[],
  seq: number,
  state: MessageState,
): WidgetMessage[] {
  return messages.map((message) =>
    message.author.kind === 'visitor' && message.seq <= seq
      ? { ...message, state: further(message.state, state) }
      : message,
  );
}

/** Newest conversation first, the given ones replacing their older versions. */
export function mergeConversations(
  known: readonly Conversation[],
  incoming: readonly Conversation[],
): Conversation[] {
  const byId = new Map(known.map((conversation) => [conversation.id, conversation]));
  for (const conversation of incoming) {
    const before = byId.get(conversation.id);
    if (before && before.last_seq > conversation.last_seq) continue;
    byId.set(conversation.id, conversation);
  }
  return [...byId.values()].sort((one, other) => lastAt(other).localeCompare(lastAt(one)));
}

function lastAt(conversation: Conversation): string {
  return conversation.last_message?.created_at ?? conversation.created_at;
}

/** The highest `seq` in a list, 0 for an empty one. */
export function lastSeq(messages: readonly WidgetMessage[]): number {
  return messages.reduce((top, message) => Math.max(top, message.seq), 0);
}
