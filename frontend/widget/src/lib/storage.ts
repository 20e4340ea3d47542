/** What the frame keeps between visits: the outbox and small settings, in memory where blocked. */
import { createStore, get, set, update, type UseStore } from 'idb-keyval';
import { MemoryStore, type OutboxItem, type QueueStore } from './outbox';

export type Shelf = {
  queue: QueueStore;
  /** False when nothing survives a reload. */
  lasting: boolean;
  load<T>(key: string): Promise<T | undefined>;
  save(key: string, value: unknown): Promise<void>;
};

/** Opens the shelf of one inbox; rows of an earlier visitor (another `scope`) are dropped. */
export async function openShelf(inbox: string, scope: string): Promise<Shelf> {
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
    };
  } catch {
    // Private windows and blocked third-party storage: the conversation still works.
    return memoryShelf();
  }
}

export function memoryShelf(): Shelf {
  const values = new Map<string, unknown>();
  return {
    queue: new MemoryStore(),
    lasting: false,
    load: async <T>(key: string) => values.get(key) as T | undefined,
    save: async (key, value) => void values.set(key, value),
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
    if (navigator.locks) await navigator.locks.request(name, work);
    else await work();
  };
}
