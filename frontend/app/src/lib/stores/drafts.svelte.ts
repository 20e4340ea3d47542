/** Unsent text: in memory and IndexedDB at once, on the server within two seconds. */
import { createStore, del, entries, set, type UseStore } from 'idb-keyval';
import type { Attachment, Draft, FileStored } from '$shared/api/types';
import { api, session } from './session.svelte';

export type Kind = 'reply' | 'note';
export type LocalDraft = {
  kind: Kind;
  reply: string;
  note: string;
  files: (FileStored | Attachment)[];
  lastSeen: number;
  updatedAt: string;
  /** The server's stamp of the copy it has; empty before there is one. */
  syncedAt?: string;
};

const SERVER_EVERY_MS = 2000;
const JOURNAL = 'parley:draft';

class Drafts {
  private held = $state.raw<ReadonlyMap<string, LocalDraft>>(new Map());
  /** Tickets whose newest text the server has. */
  saved = $state.raw<ReadonlySet<string>>(new Set());
  private store: UseStore | null = null;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** Reads what this browser kept for the person signed in. */
  async load(): Promise<void> {
    try {
      this.store = createStore(`parley-drafts-${session.myId}`, 'drafts');
      const kept = await entries<string, LocalDraft>(this.store);
      this.held = new Map([...kept, ...this.held]);
      this.replay();
    } catch {
      this.store = null; // Without IndexedDB the server's copy is the only one.
    }
  }

  get(ticketId: string): LocalDraft | undefined {
    return this.held.get(ticketId);
  }

  /** The line a list row shows, or empty. */
  line(ticketId: string): string {
    const draft = this.held.get(ticketId);
    return draft ? (draft[draft.kind] || draft.reply || draft.note).trim() : '';
  }

  put(ticketId: string, draft: LocalDraft): void {
    if (draft.reply.trim() === '' && draft.note.trim() === '' && draft.files.length === 0) {
      if (this.held.has(ticketId)) this.clear(ticketId);
      return;
    }
    this.held = new Map(this.held).set(ticketId, draft);
    this.mark(ticketId, false);
    this.write(ticketId, draft);
    if (!this.timers.has(ticketId))
      this.timers.set(
        ticketId,
        setTimeout(() => void this.push(ticketId), SERVER_EVERY_MS),
      );
  }

  clear(ticketId: string): void {
    const held = new Map(this.held);
    held.delete(ticketId);
    this.held = held;
    clearTimeout(this.timers.get(ticketId));
    this.timers.delete(ticketId);
    this.mark(ticketId, false);
    this.forget(ticketId);
    if (this.store) void del(ticketId, this.store).catch(() => undefined);
    void api
      .DELETE('/api/v1/tickets/{ticket_id}/draft', { params: { path: { ticket_id: ticketId } } })
      .catch(() => undefined);
  }

  /** Takes the server's draft when it is newer, written perhaps on another device. */
  adopt(ticketId: string, draft: Draft | null): void {
    const held = this.held.get(ticketId);
    if (!draft || draft.updated_at <= (held?.syncedAt ?? '')) return;
    if (held && held.updatedAt >= draft.updated_at) return;
    const base = held ?? { reply: '', note: '', files: [], lastSeen: draft.last_seen_seq ?? 0 };
    const merged = {
      ...base,
      kind: draft.kind,
      [draft.kind]: draft.text,
      updatedAt: draft.updated_at,
      syncedAt: draft.updated_at,
    };
    this.held = new Map(this.held).set(ticketId, merged as LocalDraft);
    this.mark(ticketId, true);
  }

  private async push(ticketId: string): Promise<void> {
    this.timers.delete(ticketId);
    const draft = this.held.get(ticketId);
    if (!draft) return;
    try {
      const { data } = await api.PUT('/api/v1/tickets/{ticket_id}/draft', {
        params: { path: { ticket_id: ticketId } },
        body: { kind: draft.kind, text: draft[draft.kind], last_seen_seq: draft.lastSeen },
      });
      const now = this.held.get(ticketId);
      if (!now) return;
      const synced = { ...now, syncedAt: data?.updated_at ?? draft.updatedAt };
      this.held = new Map(this.held).set(ticketId, synced);
      this.write(ticketId, synced);
      if (now.updatedAt === draft.updatedAt) this.mark(ticketId, true);
    } catch {
      // Kept in this browser; the next keystroke tries the server again.
    }
  }

  /**
   * IndexedDB commits later, and a page that dies in between loses the last words; local storage
   * is written at once and holds the newest draft only.
   */
  private write(ticketId: string, draft: LocalDraft): void {
    try {
      localStorage.setItem(JOURNAL, JSON.stringify({ agent: session.myId, ticketId, draft }));
    } catch {
      // Full or blocked: IndexedDB alone has it then.
    }
    if (this.store) void set(ticketId, $state.snapshot(draft), this.store).catch(() => undefined);
  }

  private forget(ticketId: string): void {
    try {
      if (localStorage.getItem(JOURNAL)?.includes(ticketId)) localStorage.removeItem(JOURNAL);
    } catch {
      // Blocked storage holds nothing to forget.
    }
  }

  private replay(): void {
    const kept = JSON.parse(localStorage.getItem(JOURNAL) ?? 'null') as {
      agent: string;
      ticketId: string;
      draft: LocalDraft;
    } | null;
    if (!kept || kept.agent !== session.myId) return;
    const held = this.held.get(kept.ticketId);
    if (!held || held.updatedAt < kept.draft.updatedAt)
      this.held = new Map(this.held).set(kept.ticketId, kept.draft);
  }

  private mark(ticketId: string, saved: boolean): void {
    if (this.saved.has(ticketId) === saved) return;
    const marks = new Set(this.saved);
    if (saved) marks.add(ticketId);
    else marks.delete(ticketId);
    this.saved = marks;
  }
}

export const drafts = new Drafts();
