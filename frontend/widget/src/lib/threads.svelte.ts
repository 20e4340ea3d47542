/** The conversations and their messages as the desk knows them. */

import { isLocal } from './outbox';
import { applyReceipt, lastSeq, mergeConversations, mergeMessages } from './merge';
import type { Ack, Conversation, MessageState, Sent, WidgetMessage } from './types';

export type ThreadPorts = {
  call: <T>(event: string, payload: unknown) => Promise<Ack<T> | null>;
  tell: (event: string, payload: unknown) => void;
  /** The conversation the visitor is looking at now, if any. */
  seen: () => string | null;
  unread: (count: number) => void;
};

const HISTORY = 40;
const TYPING_FADES = 6_000;

export class Threads {
  conversations = $state.raw<Conversation[]>([]);
  messages = $state.raw<ReadonlyMap<string, WidgetMessage[]>>(new Map());
  /** Who is writing, by conversation. */
  typing = $state.raw<Readonly<Record<string, string>>>({});
  /** Conversations with older messages on the server. */
  older = $state.raw<ReadonlySet<string>>(new Set());

  #ports: ThreadPorts;
  /** How far each conversation is known. */
  #cursor = new Map<string, number>();
  #fading = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(ports: ThreadPorts) {
    this.#ports = ports;
  }

  get(id: string): Conversation | null {
    return this.conversations.find((one) => one.id === id) ?? null;
  }

  /** Everything the desk has for this visitor, after a new connection. */
  async replace(conversations: readonly Conversation[]): Promise<void> {
    this.conversations = [];
    this.know(conversations);
    for (const one of conversations)
      if (one.unread > 0)
        this.#ports.tell('received', { conversation_id: one.id, seq: one.last_seq });
    await this.resumeAll();
  }

  know(conversations: readonly Conversation[]): void {
    this.conversations = mergeConversations(this.conversations, conversations);
    this.#ports.unread(this.conversations.reduce((sum, one) => sum + one.unread, 0));
  }

  /** A message and its conversation, from an event or an acknowledgement. */
  take({ message, conversation }: Sent, opened: boolean): void {
    this.know([conversation]);
    // A conversation that was never opened here is read from the server when it is.
    if (opened || this.messages.has(conversation.id)) this.#add(conversation.id, [message]);
    if (message.author.kind !== 'visitor') {
      this.setTyping(conversation.id, null);
      this.#ports.tell('received', { conversation_id: conversation.id, seq: message.seq });
    }
    this.markRead();
  }

  receipt(id: string, seq: number, state: MessageState): void {
    const known = this.messages.get(id);
    if (known) this.#put(id, applyReceipt(known, seq, state));
  }

  async open(id: string): Promise<void> {
    if (isLocal(id)) return;
    if (!this.#cursor.has(id)) await this.#history(id, null);
    this.markRead();
  }

  async loadOlder(id: string): Promise<void> {
    const first = this.messages.get(id)?.[0]?.seq;
    if (first !== undefined) await this.#history(id, first);
  }

  async resumeAll(): Promise<void> {
    await Promise.all([...this.messages.keys()].map((id) => this.#resume(id)));
    this.markRead();
  }

  markRead(): void {
    const id = this.#ports.seen();
    const conversation = id === null ? null : this.get(id);
    if (!conversation) return;
    const seq = lastSeq(this.messages.get(conversation.id) ?? []);
    if (seq <= conversation.read_seq && conversation.unread === 0) return;
    this.#ports.tell('read', { conversation_id: conversation.id, seq });
    this.know([{ ...conversation, read_seq: seq, unread: 0 }]);
  }

  setTyping(id: string, who: string | null): void {
    clearTimeout(this.#fading.get(id));
    const rest = Object.fromEntries(Object.entries(this.typing).filter(([one]) => one !== id));
    this.typing = who === null ? rest : { ...rest, [id]: who };
    // The "off" of somebody who vanished never comes.
    if (who !== null)
      this.#fading.set(
        id,
        setTimeout(() => this.setTyping(id, null), TYPING_FADES),
      );
  }

  #put(id: string, messages: WidgetMessage[]): void {
    this.messages = new Map(this.messages).set(id, messages);
  }

  #add(id: string, messages: readonly WidgetMessage[]): void {
    this.#put(id, mergeMessages(this.messages.get(id) ?? [], messages));
  }

  async #history(id: string, before: number | null): Promise<void> {
    const answer = await this.#ports.call<{ messages: WidgetMessage[]; has_more: boolean }>(
      'history',
      { conversation_id: id, before_seq: before, limit: HISTORY },
    );
    if (!answer || 'error' in answer) return;
    // Only an answer without a gap above it moves the cursor.
    if (before === null) this.#cursor.set(id, lastSeq(answer.messages));
    this.#add(id, answer.messages);
    const older = new Set(this.older);
    if (answer.has_more) older.add(id);
    else older.delete(id);
    this.older = older;
  }

  /**
   * Fetches what was missed; again while there is more, since one answer may be cut.
   *
   * The cursor moves here and not with live messages: one of those may come while an earlier one
   * is still missing.
   */
  async #resume(id: string): Promise<void> {
    for (;;) {
      const from = this.#cursor.get(id) ?? 0;
      const answer = await this.#ports.call<{
        messages: WidgetMessage[];
        conversation: Conversation;
      }>('resume', { conversation_id: id, last_seq: from });
      if (!answer || 'error' in answer) return;
      this.#add(id, answer.messages);
      this.know([answer.conversation]);
      const top = lastSeq(answer.messages);
      if (top <= from) return;
      this.#cursor.set(id, top);
    }
  }
}
