/** The list on screen: what it asks for, the ids it holds in order, and paging by cursor. */
import { dataOf } from '$shared/api/client';
import type { TicketCounts, TicketQuery, TicketRow } from '$shared/api/types';
import type { TicketMatch } from '../logic/excerpt';
import { belongs, placed, SORTS, type Sort } from '../logic/filter';
import { parseSearch, searchText, toQuery, type Search } from '../logic/operators';
import { clock } from './clock.svelte';
import { directory } from './directory.svelte';
import { api, session } from './session.svelte';
import { tickets } from './tickets.svelte';

export const TABS = ['all', 'mine', 'unassigned', 'mentions'] as const;
export type Tab = (typeof TABS)[number];

const PAGE = 50;
const COUNT_EVERY_MS = 2500;
const DEFAULT: Search = { operators: [{ name: 'is', value: 'open', negated: false }], text: '' };

const ORDER = 'parley:order';

function chosen(): Sort | undefined {
  try {
    return SORTS.find((one) => one === localStorage.getItem(ORDER));
  } catch {
    return undefined;
  }
}

class TicketList {
  search = $state.raw<Search>(DEFAULT);
  tab = $state<Tab>('all');
  /** What is due next comes first, unless this person has chosen another order. */
  private usual = $state<Sort>(chosen() ?? 'next_due_at');
  /** Words that are looked for bring the best first, until another order is chosen for them. */
  private searched = $state<Sort>('relevance');
  /** Where the rows matched the words. */
  matches = $state.raw<ReadonlyMap<string, TicketMatch>>(new Map());
  ids = $state.raw<readonly string[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  loadingMore = $state(false);
  counts = $state.raw<TicketCounts | null>(null);
  /** The row the keyboard is on. */
  cursor = $state<string | null>(null);
  /** Rows ticked for a bulk change. */
  picked = $state.raw<ReadonlySet<string>>(new Set());
  private next = $state<string | null>(null);
  private asked = 0;
  private countTimer: ReturnType<typeof setTimeout> | null = null;

  readonly complete = $derived(this.next === null);
  private readonly filter = $derived(toQuery(this.search, directory));
  readonly query = $derived<TicketQuery>({ ...this.filter, ...tabQuery(this.tab) });
  readonly sort = $derived(this.query.q ? this.searched : this.usual);

  show(tab: Tab): void {
    if (tab === this.tab) return;
    this.tab = tab;
    void this.load();
  }

  find(search: Search): void {
    if (searchText(search) === searchText(this.search)) return;
    this.search = search;
    if (!this.query.q) this.searched = 'relevance';
    void this.load();
  }

  findText(text: string): void {
    this.find(parseSearch(text));
  }

  order(sort: Sort): void {
    if (this.query.q) this.searched = sort;
    else {
      this.usual = sort;
      try {
        localStorage.setItem(ORDER, sort);
      } catch {
        // Storage may be blocked: the order then lasts as long as the page.
      }
    }
    void this.load();
  }

  /** Asks from the start. `quiet` keeps the rows on screen until the answer is here. */
  async load(quiet = false): Promise<void> {
    const ask = ++this.asked;
    if (!quiet) {
      this.state = 'loading';
      this.ids = [];
      this.picked = new Set();
    }
    this.countSoon(0);
    try {
      const page = await this.page(null);
      if (ask !== this.asked) return;
      tickets.put(page.items);
      this.matches = new Map();
      this.mark(page.items);
      this.ids = page.items.map((row) => row.id);
      this.next = page.next_cursor ?? null;
      this.state = 'ready';
    } catch {
      if (ask === this.asked && !quiet) this.state = 'failed';
    }
  }

  async more(): Promise<void> {
    if (this.next === null || this.loadingMore || this.state !== 'ready') return;
    const ask = this.asked;
    this.loadingMore = true;
    try {
      const page = await this.page(this.next);
      if (ask !== this.asked) return;
      tickets.put(page.items);
      this.mark(page.items);
      const held = new Set(this.ids);
      this.ids = [...this.ids, ...page.items.map((row) => row.id).filter((id) => !held.has(id))];
      this.next = page.next_cursor ?? null;
    } catch {
      // The next scroll asks again.
    } finally {
      this.loadingMore = false;
    }
  }

  /** Puts rows that changed where they now belong. */
  place(rows: readonly TicketRow[], reading: string | null): void {
    let ids = this.ids;
    for (const row of rows) {
      ids = placed(ids, row, tickets.rows, {
        fits: belongs(row, this.query, session.myId, clock.now),
        sort: this.sort,
        keep: reading,
        complete: this.complete,
      });
    }
    if (ids.length !== this.ids.length || ids.some((id, at) => id !== this.ids[at])) this.ids = ids;
    if (rows.length > 0) this.countSoon();
  }

  toggle(id: string): void {
    const picked = new Set(this.picked);
    if (!picked.delete(id)) picked.add(id);
    this.picked = picked;
  }

  clearPicked(): void {
    this.picked = new Set();
  }

  neighbour(id: string | null, step: 1 | -1): string | null {
    const at = id === null ? -1 : this.ids.indexOf(id);
    if (at < 0) return this.ids[step > 0 ? 0 : this.ids.length - 1] ?? null;
    return this.ids[Math.min(this.ids.length - 1, Math.max(0, at + step))] ?? null;
  }

  private mark(rows: readonly { id: string; match?: TicketMatch | null }[]): void {
    const found = rows.flatMap((row) => (row.match ? [[row.id, row.match] as const] : []));
    if (found.length > 0) this.matches = new Map([...this.matches, ...found]);
  }

  private page(cursor: string | null) {
    const query = { ...this.query, sort: this.sort, limit: PAGE, ...(cursor ? { cursor } : {}) };
    return dataOf(api.GET('/api/v1/tickets', { params: { query } }));
  }

  private countSoon(after = COUNT_EVERY_MS): void {
    if (this.countTimer !== null && after > 0) return;
    if (this.countTimer !== null) clearTimeout(this.countTimer);
    this.countTimer = setTimeout(() => {
      this.countTimer = null;
      void this.count();
    }, after);
  }

  private async count(): Promise<void> {
    const query = this.filter;
    try {
      this.counts = await dataOf(api.GET('/api/v1/tickets/counts', { params: { query } }));
    } catch {
      // Counts are a courtesy; the next change asks again.
    }
  }
}

function tabQuery(tab: Tab): TicketQuery {
  if (tab === 'mine') return { assignee: 'me' };
  if (tab === 'unassigned') return { assignee: 'none' };
  return tab === 'mentions' ? { mentions: true } : {};
}

export const list = new TicketList();
