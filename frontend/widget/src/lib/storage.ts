/** What the frame keeps between visits: the outbox and small settings, in memory where blocked. */
import { createStore, get, set, update, type UseStore } from 'idb-keyval';
import type { OutboxItem, QueueStore } from './outbox';

export type Shelf = {
  queue: QueueStore;
  /** False when nothing survives a reload. */
  lasting: boolean;
  load<T>(key: string): Promise<T | undefined>;
  save(key: string, value: unknown): Promise<void>;
  /** What another tab has put into the host page's storage. */
  refresh(kept: Kept): void;
};

type Kept = Record<string, unknown>;

/** The host page's storage, reached through the loader. */
export type Host = { kept: Kept; keep: (key: string, value: unknown) => void };

/**
 * Opens the shelf of one inbox; rows of an earlier visitor (another `scope`) are dropped.
 *
 * Browsers that block third-party storage refuse the database: then the host page keeps the rows,
 * as it keeps the token, and where that is blocked too they are in memory (`host` is null).
 */
export async function openShelf(inbox: string, scope: string, host: Host | null): Promise<Shelf> {
  try {
    const store = createStore(`parley-${inbox}`, 'shelf');
    if ((await get<string>('scope', store)) !== scope) {
      await set('queue', [], store);
      await set('drafts', {}, store);
      await set('scope', scope, store);
    }
    return {
      queue: new DatabaseStore(store),
      lasting: true,
      load: (key) => get(key, store),
      save: (key, value) => set(key, value, store),
      refresh: () => undefined,
    };
  } catch {
    return host ? hostShelf(host) : hostShelf({ kept: {}, keep: () => undefined }, false);
  }
}

export function hostShelf(host: Host, lasting = true): Shelf {
  let kept = { ...host.kept };
  const save = async (key: string, value: unknown) => {
    kept[key] = value;
    host.keep(key, value);
  };
  const queue = () => (kept['queue'] as OutboxItem[] | undefined) ?? [];
  return {
    queue: {
      read: async () => queue(),
      change: async (edit) => {
        await save('queue', edit(queue()));
        return queue();
      },
    },
    lasting,
    load: async <T>(key: string) => kept[key] as T | undefined,
    save,
    refresh: (news) => (kept = { ...news }),
  };
}

class DatabaseStore implements QueueStore {
  #store: UseStore;

  constructor(store: UseStore) {
    this.#store = store;
  }

  async read(): Promise<OutboxItem[]> {
    return (await get<OutboxItem[]>('queue', this.#store)) ?? [];
  }

  async change(edit: (items: OutboxItem[]) => OutboxItem[]): Promise<OutboxItem[]> {
    let after: OutboxItem[] = [];
    await update<OutboxItem[]>('queue', (items) => (after = edit(items ?? [])), this.#store);
    return after;
  }
}

/** Runs `work` in one tab at a time; without Web Locks the server's idempotency has to do. */
export function exclusively(name: string): (work: () => Promise<void>) => Promise<void> {
  return async (work) => {
    let begun = false;
    const once = () => {
      begun = true;
      return work();
    };
    try {
      await navigator.locks.request(name, once);
    } catch (problem) {
      // Where storage is blocked, so are locks.
      if (begun) throw problem;
      await work();
    }
  };
}

/** Tells the other tabs of this browser; silent where channels are blocked. */
export function otherTabs(name: string, heard: () => void): () => void {
  try {
    const channel = new BroadcastChannel(name);
    channel.onmessage = heard;
    return () => channel.postMessage(null);
  } catch {
    return () => undefined;
  }
}
