/** The editors' list of articles: what is asked for, what was found, how many each filter has. */
import { dataOf } from '$shared/api/client';
import type { ArticleCounts, ArticleQuery, ArticleRow, Audience } from '$shared/api/types';
import { api } from '../stores/session.svelte';
import { toasts } from '../stores/toasts.svelte';

export const STATES = ['draft', 'review', 'scheduled', 'published'] as const;
export const VIEWS = ['all', ...STATES, 'stale', 'overdue', 'archived'] as const;
export const AUDIENCES: readonly Audience[] = ['public', 'signed-in', 'internal'];
export type View = (typeof VIEWS)[number];

const PAGE = 50;
const NOTHING = { q: '', locale: '', missing: '', category: '', audience: '', tag: '', owner: '' };

class Library {
  view = $state<View>('all');
  chosen = $state({ ...NOTHING });
  rows = $state.raw<readonly ArticleRow[] | null>(null);
  counts = $state.raw<ArticleCounts | null>(null);
  cursor = $state.raw<string | null>(null);
  picked = $state.raw<ReadonlySet<string>>(new Set());
  /** How far a change of several articles is. */
  busy = $state.raw<{ done: number; total: number } | null>(null);

  readonly filtered = $derived(
    this.view !== 'all' || Object.values(this.chosen).some((value) => value.trim() !== ''),
  );
  private readonly filters = $derived.by<ArticleQuery>(() => {
    const { q, locale, missing, category, audience, tag, owner } = this.chosen;
    const state = STATES.find((one) => one === this.view);
    return {
      ...(q.trim() ? { q: q.trim() } : {}),
      ...(state ? { state } : {}),
      ...(this.view === 'overdue' ? { overdue: true } : {}),
      ...(this.view === 'archived' ? { archived: true } : {}),
      ...(locale ? { locale } : {}),
      ...(missing ? { missing_locale: missing } : {}),
      ...(category ? { category_id: category } : {}),
      ...(audience ? { audience: audience as Audience } : {}),
      ...(tag ? { tag } : {}),
      ...(owner ? { owner } : {}),
    };
  });
  readonly query = $derived<ArticleQuery>({
    ...this.filters,
    ...(this.view === 'stale' ? { stale: true } : {}),
    limit: PAGE,
  });

  /** The list from its beginning, with the numbers; what is picked and still there stays so. */
  async load(wanted: ArticleQuery = this.query): Promise<void> {
    try {
      const [page, counts] = await Promise.all([
        dataOf(api.GET('/api/v1/articles', { params: { query: wanted } })),
        dataOf(api.GET('/api/v1/articles/counts', { params: { query: this.filters } })),
      ]);
      if (wanted !== this.query) return;
      this.rows = page.items;
      this.cursor = page.next_cursor ?? null;
      this.counts = counts;
      const here = new Set(page.items.map((row) => row.id));
      this.picked = new Set([...this.picked].filter((id) => here.has(id)));
    } catch (problem) {
      toasts.fail(problem);
    }
  }

  async more(): Promise<void> {
    const wanted = this.query;
    if (this.cursor === null) return;
    try {
      const query = { ...wanted, cursor: this.cursor };
      const page = await dataOf(api.GET('/api/v1/articles', { params: { query } }));
      if (wanted !== this.query) return;
      this.rows = [...(this.rows ?? []), ...page.items];
      this.cursor = page.next_cursor ?? null;
    } catch (problem) {
      toasts.fail(problem);
    }
  }

  clear(): void {
    this.view = 'all';
    this.chosen = { ...NOTHING };
  }

  pick(id: string, on: boolean): void {
    const next = new Set(this.picked);
    if (on) next.add(id);
    else next.delete(id);
    this.picked = next;
  }

  pickAll(on: boolean): void {
    this.picked = new Set(on ? (this.rows ?? []).map((row) => row.id) : []);
  }

  readonly pickedRows = $derived((this.rows ?? []).filter((row) => this.picked.has(row.id)));

  /** Does it to each of these articles in turn; those that were refused stay picked. */
  async each(
    rows: readonly ArticleRow[],
    change: (row: ArticleRow) => Promise<unknown>,
  ): Promise<{ done: number; problem: unknown }> {
    let done = 0;
    let problem: unknown = null;
    this.busy = { done: 0, total: rows.length };
    for (const [at, row] of rows.entries()) {
      try {
        await change(row);
        done += 1;
        this.pick(row.id, false);
      } catch (error) {
        problem ??= error;
      }
      this.busy = { done: at + 1, total: rows.length };
    }
    this.busy = null;
    await this.load();
    return { done, problem };
  }
}

/** One for the app: whoever comes back from an article finds the list as it was. */
export const library = new Library();
