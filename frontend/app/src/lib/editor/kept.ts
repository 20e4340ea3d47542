/**
 * What is being written, kept in this browser: local storage at once, for IndexedDB commits a
 * moment later, and a page that dies in between would lose the last words.
 */
import { createStore, del, get, set, type UseStore } from 'idb-keyval';

export type Written = { title: string; summary: string; body: string };
export type KeptText = Written & { base: number; at: string };

const JOURNAL = 'parley:article';

export class KeptTexts {
  private readonly store: UseStore | null;

  constructor(private readonly agent: string) {
    this.store =
      'indexedDB' in globalThis ? createStore(`parley-articles-${agent}`, 'texts') : null;
  }

  async get(key: string): Promise<KeptText | null> {
    const [stored, journal] = [await this.read(key), this.journal(key)];
    if (!stored || !journal) return stored ?? journal;
    return stored.at > journal.at ? stored : journal;
  }

  put(key: string, text: KeptText): void {
    try {
      localStorage.setItem(JOURNAL, JSON.stringify({ agent: this.agent, key, text }));
    } catch {
      // Full or blocked: IndexedDB alone has it then.
    }
    if (this.store) void set(key, text, this.store).catch(() => undefined);
  }

  async drop(key: string): Promise<void> {
    if (this.journal(key)) localStorage.removeItem(JOURNAL);
    if (this.store) await del(key, this.store).catch(() => undefined);
  }

  private async read(key: string): Promise<KeptText | null> {
    if (!this.store) return null;
    return (await get<KeptText>(key, this.store).catch(() => null)) ?? null;
  }

  private journal(key: string): KeptText | null {
    try {
      const kept = JSON.parse(localStorage.getItem(JOURNAL) ?? 'null') as {
        agent: string;
        key: string;
        text: KeptText;
      } | null;
      return kept?.agent === this.agent && kept.key === key ? kept.text : null;
    } catch {
      return null;
    }
  }
}
