/** Open conversations: the ticket, its messages and events; the last few stay for a quick return. */
import { dataOf, Problem } from '$shared/api/client';
import type { DeskEvent, Message, Ticket } from '$shared/api/types';
import { mergeMessages } from '../logic/feed';
import { clock } from './clock.svelte';
import { api, session } from './session.svelte';
import { rowOf, tickets } from './tickets.svelte';

const KEPT = 20;
const PAGE = 50;

export class Thread {
  ticket = $state.raw<Ticket | null>(null);
  messages = $state.raw<readonly Message[]>([]);
  decisions = $state.raw<readonly DeskEvent[]>([]);
  hasMore = $state(false);
  loadingOlder = $state(false);
  state = $state<'loading' | 'ready' | 'failed' | 'missing'>('loading');
  /** What had been read when the thread was opened; the "New" line stays there. */
  readAtOpen = $state(Number.MAX_SAFE_INTEGER);
  readonly lastSeq = $derived(
    this.messages.reduce(
      (last, one) => (one.id.startsWith('local:') ? last : Math.max(last, one.seq)),
      0,
    ),
  );

  constructor(
    readonly id: string,
    readonly number: number,
  ) {}

  async load(ticket?: Ticket): Promise<void> {
    try {
      const path = { ticket_id: this.id };
      const [full, page] = await Promise.all([
        ticket ?? dataOf(api.GET('/api/v1/tickets/{ticket_id}', { params: { path } })),
        dataOf(
          api.GET('/api/v1/tickets/{ticket_id}/messages', {
            params: { path, query: { limit: PAGE } },
          }),
        ),
      ]);
      this.ticket = full;
      tickets.put([rowOf(full)]);
      const locals = this.messages.filter((one) => one.id.startsWith('local:'));
      this.messages = mergeMessages(
        page.items,
        locals.filter((one) => !page.items.some((sent) => sent.client_id === one.client_id)),
      );
      this.hasMore = page.has_more;
      if (this.state !== 'ready') this.readAtOpen = full.read_seq;
      this.state = 'ready';
      void this.explain();
    } catch (error) {
      if (this.state === 'ready') return;
      this.state = error instanceof Problem && error.code === 'not-found' ? 'missing' : 'failed';
    }
  }

  async older(): Promise<void> {
    const first = this.messages[0];
    if (!this.hasMore || this.loadingOlder || !first) return;
    this.loadingOlder = true;
    try {
      const page = await dataOf(
        api.GET('/api/v1/tickets/{ticket_id}/messages', {
          params: { path: { ticket_id: this.id }, query: { before_seq: first.seq, limit: PAGE } },
        }),
      );
      this.messages = mergeMessages(this.messages, page.items);
      this.hasMore = page.has_more;
    } finally {
      this.loadingOlder = false;
    }
  }

  merge(arrived: readonly Message[]): void {
    this.messages = mergeMessages(this.messages, arrived);
  }

  drop(messageId: string): void {
    this.messages = this.messages.filter((one) => one.id !== messageId);
  }

  /** Tells the server what has been read. */
  async read(): Promise<void> {
    const ticket = this.ticket;
    const row = tickets.get(this.id);
    if (!ticket || this.lastSeq === 0 || (this.lastSeq <= ticket.read_seq && !row?.unread)) return;
    const seq = this.lastSeq;
    this.ticket = { ...ticket, read_seq: seq };
    tickets.preview(this.id, { unread: false });
    try {
      await api.PUT('/api/v1/tickets/{ticket_id}/read', {
        params: { path: { ticket_id: this.id } },
        body: { seq },
      });
    } catch {
      this.ticket = { ...ticket, read_seq: ticket.read_seq };
    }
  }

  private async explain(): Promise<void> {
    try {
      const page = await dataOf(
        api.GET('/api/v1/tickets/{ticket_id}/events', { params: { path: { ticket_id: this.id } } }),
      );
      this.decisions = page.items.filter((event) => event.kind.startsWith('decision.'));
    } catch {
      this.decisions = [];
    }
  }

  learn(event: DeskEvent): void {
    if (event.kind.startsWith('decision.') && !this.decisions.some((one) => one.id === event.id))
      this.decisions = [...this.decisions, event];
  }
}

class Threads {
  current = $state.raw<Thread | null>(null);
  missing = $state(false);
  private readonly kept = new Map<string, Thread>();

  get(id: string): Thread | undefined {
    return this.kept.get(id);
  }

  /** Shows a conversation by its number; what is kept is shown at once and renewed. */
  async open(number: number | null): Promise<void> {
    this.missing = false;
    if (number === null) {
      this.current = null;
      return;
    }
    if (this.current?.number === number) return;
    const row = tickets.byNumber(number);
    if (row) return this.enter(row.id, number);
    try {
      const ticket = await dataOf(
        api.GET('/api/v1/tickets/by-number/{number}', { params: { path: { number } } }),
      );
      this.enter(ticket.id, number, ticket);
    } catch {
      this.current = null;
      this.missing = true;
    }
  }

  private enter(id: string, number: number, ticket?: Ticket): void {
    const thread = this.kept.get(id) ?? new Thread(id, number);
    if (thread.state === 'ready') thread.readAtOpen = thread.ticket?.read_seq ?? 0;
    this.kept.delete(id);
    this.kept.set(id, thread);
    for (const old of [...this.kept.keys()].slice(0, -KEPT)) this.kept.delete(old);
    this.current = thread;
    void thread.load(ticket);
  }

  /** Fetches every kept conversation again, after the feed lost its place. */
  refetch(): void {
    const current = this.current;
    for (const id of [...this.kept.keys()]) if (id !== current?.id) this.kept.delete(id);
    void current?.load();
  }
}

export const threads = new Threads();

/** A message shown while the server has not answered yet. */
export function localMessage(
  ticketId: string,
  over: Pick<Message, 'kind' | 'text' | 'client_id' | 'channel' | 'attachments'> & { seq: number },
): Message {
  const agent = session.agent;
  return {
    id: `local:${over.client_id}`,
    ticket_id: ticketId,
    author: { kind: 'agent', id: agent?.id ?? null, name: agent?.name ?? '' },
    subject: '',
    fresh: over.text,
    quoted: '',
    html: null,
    state: 'queued',
    state_reason: '',
    hold_until: null,
    retry_at: null,
    automated: null,
    envelope: null,
    extra: {},
    created_at: clock.iso(),
    occurred_at: clock.iso(),
    late: false,
    edited_at: null,
    removed_at: null,
    sent_at: null,
    delivered_at: null,
    read_at: null,
    ...over,
  };
}
