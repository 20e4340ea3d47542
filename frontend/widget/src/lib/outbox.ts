/**
 * The queue of messages the server has not confirmed.
 *
 * Sent one at a time in the order they were written; an item leaves the queue only when the server
 * has acknowledged it, so a lost acknowledgement means the same `client_id` again, never a loss.
 */
import type { Ack, Attachment, FormValues, Page, Sent } from './types';

export type OutboxItem = {
  client_id: string;
  /** A conversation's id, or `local:<uuid>` until the server has opened it. */
  conversation: string;
  text: string;
  attachments: Attachment[];
  form: FormValues | null;
  page: Page | null;
  /** Milliseconds since the epoch, by the visitor's clock. */
  written_at: number;
  state: 'waiting' | 'failed';
  reason: string | null;
  attempts: number;
};

/** Where the queue is kept; `change` reads, edits and writes in one transaction. */
export interface QueueStore {
  read(): Promise<OutboxItem[]>;
  change(edit: (items: OutboxItem[]) => OutboxItem[]): Promise<OutboxItem[]>;
}

export type OutboxPorts = {
  store: QueueStore;
  /** Sends one item; null when there is no connection or no answer came in time. */
  send: (item: OutboxItem, conversationId: string | null) => Promise<Ack<Sent> | null>;
  isOpen: () => boolean;
  /** Runs `work` while no other tab does the same. */
  exclusive: (work: () => Promise<void>) => Promise<void>;
  changed: (items: OutboxItem[]) => void;
  sent: (item: OutboxItem, result: Sent) => void;
  /** Calls `work` after a delay in milliseconds. */
  later: (work: () => void, delay: number) => void;
};

const LOCAL = 'local:';
const MAX_ATTEMPTS = 4;
const TEMPORARY = new Set(['rate-limited', 'internal', 'not-authenticated', 'session-expired']);

export function isLocal(conversation: string): boolean {
  return conversation.startsWith(LOCAL);
}

export function newLocalConversation(uuid: string): string {
  return LOCAL + uuid;
}

export class Outbox {
  #ports: OutboxPorts;
  #running: Promise<void> | null = null;
  #again = false;
  /** Until a pause that the desk asked for, or a back-off, is over. */
  #pausing = false;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    this.#ports.changed(await this.#ports.store.read());
  }

  async add(item: OutboxItem): Promise<void> {
    await this.#change((items) => [...items, item]);
    await this.flush();
  }

  /** Puts a failed item at the end of the queue again. */
  async retry(clientId: string): Promise<void> {
    await this.#change((items) => {
      const item = items.find((one) => one.client_id === clientId);
      if (!item) return items;
      const rest = items.filter((one) => one !== item);
      return [...rest, { ...item, state: 'waiting', reason: null, attempts: 0 }];
    });
    await this.flush();
  }

  async remove(clientId: string): Promise<void> {
    await this.#change((items) => items.filter((item) => item.client_id !== clientId));
  }

  async clear(): Promise<void> {
    await this.#change(() => []);
  }

  /** Sends what is waiting. A call during a run makes the run look once more. */
  flush(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      if (this.#pausing || !this.#ports.isOpen()) return;
      await this.#ports.exclusive(() => this.#drain());
    }
  }

  async #drain(): Promise<void> {
    while (this.#ports.isOpen()) {
      const items = await this.#ports.store.read();
      const next = items.find((item) => item.state === 'waiting');
      if (!next) return this.#ports.changed(items);
      const answer = await this.#ports.send(
        next,
        isLocal(next.conversation) ? null : next.conversation,
      );
      const wait = await this.#settle(next, answer);
      if (wait !== null) return this.#pause(wait);
    }
  }

  #pause(wait: number): void {
    this.#pausing = true;
    this.#ports.later(() => {
      this.#pausing = false;
      void this.flush();
    }, wait);
  }

  /** Records an answer. Returns the pause in milliseconds before the next try, null to go on. */
  async #settle(item: OutboxItem, answer: Ack<Sent> | null): Promise<number | null> {
    if (answer && !('error' in answer)) {
      // The screen gets the server's message first, so that the text never blinks away.
      this.#ports.sent(item, answer);
      await this.#change((items) => confirmed(items, item, answer.conversation.id));
      return null;
    }
    const code = answer?.error.code ?? 'internal';
    // No answer says nothing about the message: it stays, however often that happens.
    const attempts = answer && code !== 'rate-limited' ? item.attempts + 1 : item.attempts;
    if (answer && (!TEMPORARY.has(code) || attempts >= MAX_ATTEMPTS)) {
      await this.#edit(item, { state: 'failed', reason: answer.error.detail, attempts });
      return null;
    }
    await this.#edit(item, { attempts });
    const seconds = answer?.error.retry_after;
    return seconds === undefined ? 1000 * 2 ** attempts : seconds * 1000;
  }

  #edit(item: OutboxItem, patch: Partial<OutboxItem>): Promise<void> {
    return this.#change((items) =>
      items.map((one) => (one.client_id === item.client_id ? { ...one, ...patch } : one)),
    );
  }

  async #change(edit: (items: OutboxItem[]) => OutboxItem[]): Promise<void> {
    this.#ports.changed(await this.#ports.store.change(edit));
  }
}

/** Without the sent item; what waits for the same new conversation now knows its id. */
function confirmed(items: OutboxItem[], sent: OutboxItem, conversationId: string): OutboxItem[] {
  return items
    .filter((item) => item.client_id !== sent.client_id)
    .map((item) =>
      item.conversation === sent.conversation ? { ...item, conversation: conversationId } : item,
    );
}
