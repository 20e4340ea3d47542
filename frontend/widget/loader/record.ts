/** What the loader remembers on the host page, in `localStorage` or, where blocked, in memory. */

export type Stored = {
  token: string | null;
  /** A new one for every visitor this browser has had. */
  scope: string;
  /** The frame's own rows, where its own storage is blocked. */
  kept?: Record<string, unknown>;
  /** The inbox's colours and side, known once the frame has been open. */
  solid?: string | null;
  on?: string | null;
  position?: string | null;
};

export type Memory = {
  readonly lasting: boolean;
  get(): Stored;
  set(patch: Partial<Stored>): void;
  forget(): void;
  /** Another tab wrote. */
  watch(changed: (stored: Stored) => void): () => void;
};

function fresh(): Stored {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return { token: null, scope: Array.from(bytes, (byte) => byte.toString(36)).join('') };
}

function parse(text: string | null): Stored | null {
  try {
    const value = JSON.parse(text ?? 'null') as Stored | null;
    return value && typeof value.scope === 'string' ? value : null;
  } catch {
    return null;
  }
}

export function openMemory(inbox: string): Memory {
  const key = `parley:${inbox}`;
  let storage: Storage | null = null;
  let current = fresh();
  try {
    storage = window.localStorage;
    current = parse(storage.getItem(key)) ?? current;
    storage.setItem(key, JSON.stringify(current));
  } catch {
    // Blocked or full: this page's memory has to do, and the frame says so.
    storage = null;
  }
  const write = (stored: Stored) => {
    current = stored;
    try {
      storage?.setItem(key, JSON.stringify(stored));
    } catch {
      // Full: what is in memory goes on.
      storage = null;
    }
  };
  return {
    lasting: storage !== null,
    get: () => current,
    set: (patch) => write({ ...current, ...patch }),
    forget: () => write({ ...fresh(), solid: current.solid, on: current.on }),
    watch(changed) {
      const listener = (event: StorageEvent) => {
        const stored = event.key === key ? parse(event.newValue) : null;
        if (stored) changed((current = stored));
      };
      addEventListener('storage', listener);
      return () => removeEventListener('storage', listener);
    },
  };
}
