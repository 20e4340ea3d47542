/** The frame's side of the wire to the loader: exact origins both ways, nothing before trust. */

export type Init = {
  token: string | null;
  /** Changes when the visitor is forgotten; what was queued before belongs to somebody else. */
  scope: string;
  /** False when the host page's storage is blocked. */
  stored: boolean;
  locale: string | null;
  page: { url: string; title: string; referrer: string };
  identity: string | null;
  /** What the frame gave the host page to keep, see `keep`. */
  kept: Record<string, unknown>;
  phone: boolean;
  open: boolean;
};

export type FromLoader =
  | ({ parley: 'init' } & Init)
  | { parley: 'visible'; open: boolean; phone: boolean }
  | { parley: 'stored'; token: string | null; kept: Record<string, unknown> }
  | { parley: 'identity'; identity: string }
  | { parley: 'locale'; locale: string }
  | { parley: 'page'; page: { url: string; title: string; referrer: string } }
  | { parley: 'forget' };

export type ToLoader =
  | { parley: 'ready' }
  | { parley: 'close' }
  | { parley: 'forgotten' }
  | { parley: 'token'; token: string }
  | { parley: 'keep'; key: string; value: unknown }
  | { parley: 'unread'; count: number }
  | { parley: 'theme'; solid: string | null; on: string | null; position: string | null }
  | { parley: 'event'; name: string; data: unknown };

/** Whether a page of `origin` may embed this inbox: the whole origin, letter for letter. */
export function isTrusted(origin: string, origins: readonly string[]): boolean {
  return origin !== 'null' && origins.includes(origin);
}

export class Bridge {
  #window: Window;
  #parent: string | null = null;
  #early: MessageEvent[] = [];
  #origins: readonly string[] | null = null;
  #listener: (message: FromLoader) => void = () => undefined;

  constructor(window: Window) {
    this.#window = window;
    window.addEventListener('message', (event) => this.#received(event));
  }

  /** Opened on its own, as a page: there is no loader. */
  get alone(): boolean {
    return this.#window.parent === this.#window;
  }

  /** From here on messages of pages on these origins are heard, also those that came before. */
  trust(origins: readonly string[], listener: (message: FromLoader) => void): void {
    this.#origins = origins;
    this.#listener = listener;
    for (const event of this.#early.splice(0)) this.#received(event);
  }

  tell(message: ToLoader): void {
    if (this.#parent !== null) this.#window.parent.postMessage(message, this.#parent);
  }

  #received(event: MessageEvent): void {
    if (this.alone || event.source !== this.#window.parent) return;
    if (this.#origins === null) {
      this.#early.push(event);
      return;
    }
    if (!isTrusted(event.origin, this.#origins)) return;
    if (this.#parent !== null && this.#parent !== event.origin) return;
    const message = event.data as Partial<FromLoader> | null;
    if (typeof message?.parley !== 'string') return;
    this.#parent = event.origin;
    this.#listener(message as FromLoader);
  }
}
