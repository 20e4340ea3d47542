/** The live connection: a gapless feed of events, presence, and telling others where we are. */
import { io, type Socket } from 'socket.io-client';
import type { FeedItem, Message, TicketRow } from '$shared/api/types';
import { reconcile } from '../logic/feed';
import { clock } from './clock.svelte';
import { directory } from './directory.svelte';
import { list } from './list.svelte';
import { presence, type Mode } from './presence.svelte';
import { session } from './session.svelte';
import { threads } from './threads.svelte';
import { tickets } from './tickets.svelte';

type Resumed = { items: FeedItem[]; head_seq: number; reset: boolean };

const VIEW_EVERY_MS = 20_000;
const RETRY_MS = 1_500;

class Live {
  state = $state<'connecting' | 'live' | 'offline'>('connecting');
  private socket: Socket | null = null;
  private lastSeq: number | null = null;
  private resuming = false;
  private viewed: { ticketId: string; mode: Mode } | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;

  start(): void {
    if (this.socket) return;
    const socket = io('/agent', {
      transports: ['websocket'],
      reconnectionDelay: 500,
      reconnectionDelayMax: 8_000,
      auth: (send) => send(this.lastSeq === null ? {} : { last_seq: this.lastSeq }),
    });
    this.socket = socket;
    socket.on('connect', () => (this.state = 'live'));
    socket.on('disconnect', () => (this.state = 'offline'));
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      this.state = 'offline';
      if (error.data?.code === 'not-authenticated' || error.data?.code === 'session-expired') {
        this.stop();
        session.leave();
      }
    });
    socket.on('hello', (hello: { head_seq: number; server_time: string }) => this.hello(hello));
    socket.on('feed', (items: FeedItem[]) => this.take(items));
    socket.on('reset', ({ head_seq }: { head_seq: number }) => this.reset(head_seq));
    socket.on('head', ({ seq }: { seq: number }) => {
      if (this.lastSeq !== null && seq > this.lastSeq) void this.resume();
    });
    socket.on('view', (view: { ticket_id: string; agent_id: string; sid: string; mode: Mode }) =>
      presence.view(view.ticket_id, { sid: view.sid, agentId: view.agent_id, mode: view.mode }),
    );
    socket.on('unview', (view: { ticket_id: string; sid: string }) =>
      presence.unview(view.ticket_id, view.sid),
    );
    socket.on('who', ({ ticket_id }: { ticket_id: string }) => {
      if (this.viewed?.ticketId === ticket_id) this.sendView();
    });
    socket.on('typing', (typing: { ticket_id: string; name: string; on: boolean }) =>
      presence.type(typing.ticket_id, typing.name, typing.on),
    );
    socket.on('presence', (seen: { agent_id: string; online: boolean }) =>
      directory.setOnline(seen.agent_id, seen.online),
    );
    addEventListener('online', this.wake);
    document.addEventListener('visibilitychange', this.wake);
    this.timer = setInterval(() => this.sendView(), VIEW_EVERY_MS);
  }

  stop(): void {
    this.socket?.disconnect();
    this.socket = null;
    this.lastSeq = null;
    this.viewed = null;
    if (this.timer) clearInterval(this.timer);
    removeEventListener('online', this.wake);
    document.removeEventListener('visibilitychange', this.wake);
    presence.clear();
  }

  reconnect(): void {
    if (this.socket && !this.socket.connected) this.socket.disconnect().connect();
  }

  /** Says which ticket we are on; null when on none. */
  view(ticketId: string | null, mode: Mode): void {
    const before = this.viewed;
    if (before?.ticketId === ticketId && before?.mode === mode) return;
    if (before && before.ticketId !== ticketId)
      this.socket?.emit('unview', { ticket_id: before.ticketId });
    this.viewed = ticketId ? { ticketId, mode } : null;
    this.sendView();
  }

  typing(ticketId: string, on: boolean): void {
    this.socket?.emit('typing', { ticket_id: ticketId, on });
  }

  private wake = (): void => {
    if (document.hidden || !navigator.onLine) return;
    if (this.socket?.connected) void this.resume();
    else this.reconnect();
  };

  private sendView(): void {
    if (this.viewed && this.socket?.connected)
      this.socket.emit('view', { ticket_id: this.viewed.ticketId, mode: this.viewed.mode });
  }

  private hello({ head_seq, server_time }: { head_seq: number; server_time: string }): void {
    clock.correct(server_time);
    this.sendView();
    if (this.lastSeq !== null) {
      if (head_seq > this.lastSeq) void this.resume();
      return;
    }
    // Whatever was fetched before the feed had a starting point may already be old.
    this.lastSeq = head_seq;
    void list.load(true);
    threads.refetch();
  }

  private take(items: readonly FeedItem[]): void {
    if (this.lastSeq === null) return;
    const step = reconcile(this.lastSeq, items);
    this.lastSeq = step.lastSeq;
    this.apply(step.apply);
    if (step.gap) void this.resume();
  }

  private async resume(): Promise<void> {
    if (this.resuming || !this.socket?.connected || this.lastSeq === null) return;
    this.resuming = true;
    try {
      const answer = (await this.socket
        .timeout(10_000)
        .emitWithAck('resume', { last_seq: this.lastSeq })) as Resumed;
      if (answer.reset) this.reset(answer.head_seq);
      else this.take(answer.items);
    } catch {
      setTimeout(() => void this.resume(), RETRY_MS);
    } finally {
      this.resuming = false;
    }
  }

  private reset(headSeq: number): void {
    this.lastSeq = headSeq;
    void list.load(true);
    threads.refetch();
  }

  /** The feed is the same for everyone, so what is unread for this agent is worked out here. */
  private mine(item: FeedItem, row: TicketRow, rows: ReadonlyMap<string, TicketRow>): TicketRow {
    const before = rows.get(row.id) ?? tickets.get(row.id);
    const unread = item.message?.kind === 'inbound' || (before?.unread ?? row.unread);
    return { ...row, unread };
  }

  private apply(items: readonly FeedItem[]): void {
    const rows = new Map<string, TicketRow>();
    const messages = new Map<string, Message[]>();
    for (const item of items) {
      if (item.row) rows.set(item.row.id, this.mine(item, item.row, rows));
      const id = item.ticket_id;
      if (id === null) continue;
      if (item.message) messages.set(id, [...(messages.get(id) ?? []), item.message]);
      if (item.kind === 'message.received') presence.type(id, '', false);
      threads.get(id)?.learn(item);
    }
    tickets.put([...rows.values()]);
    for (const [id, arrived] of messages) threads.get(id)?.merge(arrived);
    list.place([...rows.values()], threads.current?.id ?? null);
  }
}

export const live = new Live();
