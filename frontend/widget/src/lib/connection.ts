/**
 * The socket to the desk: opens it, says hello, tries again with growing pauses, and answers calls.
 *
 * The banner shows when the next try is; "Try now" is one.
 */
import { delayOf } from './backoff';
import type { Ack, Hello } from './types';
import type { Wire, WireHandlers } from './wire';

export type Link = {
  state: 'connecting' | 'open' | 'waiting' | 'refused';
  /** When the next try starts, in milliseconds since the epoch. */
  nextTryAt: number | null;
  /** Why the desk refused. */
  code: string | null;
};

export type ConnectionPorts = {
  /** Opens a socket with the credentials of this moment. */
  open: (handlers: WireHandlers) => Wire;
  hello: (hello: Hello) => void;
  event: (name: string, payload: unknown) => void;
  link: (link: Link) => void;
  /** A refusal; true when the cause was removed and another try makes sense. */
  refused: (code: string) => boolean;
};

const HELLO_TIMEOUT = 10_000;
const CALL_TIMEOUT = 10_000;
const PROBE_TIMEOUT = 4_000;
/** Refusals that are about the network or the load, not about this visitor. */
const TEMPORARY = new Set(['rate-limited', 'internal']);

export class Connection {
  #ports: ConnectionPorts;
  #wire: Wire | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #greeted = false;
  #stopped = true;

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
  }

  get isOpen(): boolean {
    return this.#greeted && this.#wire?.connected === true;
  }

  start(): void {
    this.#stopped = false;
    this.tryNow();
  }

  stop(): void {
    this.#stopped = true;
    this.#drop();
  }

  /** Skips the pause before the next try; nothing when the link is open. */
  tryNow(): void {
    if (this.#stopped || this.isOpen) return;
    this.#drop();
    this.#connect();
  }

  /** Opens a new socket at once, with new credentials. */
  restart(): void {
    this.#drop();
    this.#attempt = 0;
    this.start();
  }

  /** The network is known to be gone: say so now rather than after a ping timeout. */
  lost(): void {
    if (this.#stopped) return;
    this.#drop();
    this.#schedule();
  }

  /** Checks a socket that may be dead (after sleep), and replaces it when nothing answers. */
  async probe(): Promise<void> {
    if (this.#stopped) return;
    const wire = this.#wire;
    if (!this.isOpen) return this.tryNow();
    if ((await this.call('conversations', {}, PROBE_TIMEOUT)) === null && wire === this.#wire)
      this.restart();
  }

  /** Emits without waiting for an answer; dropped when there is no link. */
  tell(event: string, payload: unknown): void {
    if (this.isOpen) this.#wire?.emit(event, payload);
  }

  /** The desk's answer, or null when there was none in `timeout` milliseconds. */
  call<T>(event: string, payload: unknown, timeout = CALL_TIMEOUT): Promise<Ack<T> | null> {
    if (!this.isOpen || !this.#wire) return Promise.resolve(null);
    return this.#wire.ask(event, payload, timeout) as Promise<Ack<T> | null>;
  }

  #connect(): void {
    clearTimeout(this.#timer);
    this.#ports.link({ state: 'connecting', nextTryAt: null, code: null });
    this.#wire = this.#ports.open({
      event: (name, payload) => {
        if (name === 'hello') this.#welcome(payload as Hello);
        else this.#ports.event(name, payload);
      },
      closed: () => this.#failed(),
      refused: (code) => this.#refused(code),
    });
    // An open socket that never greets is as good as none.
    this.#timer = setTimeout(() => this.#failed(), HELLO_TIMEOUT);
  }

  #welcome(hello: Hello): void {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#greeted = true;
    this.#ports.link({ state: 'open', nextTryAt: null, code: null });
    this.#ports.hello(hello);
  }

  #refused(code: string | undefined): void {
    if (!code || TEMPORARY.has(code)) return this.#failed();
    this.#drop();
    if (this.#ports.refused(code)) this.#schedule();
    else {
      this.#stopped = true;
      this.#ports.link({ state: 'refused', nextTryAt: null, code });
    }
  }

  #failed(): void {
    this.#drop();
    if (!this.#stopped) this.#schedule();
  }

  #schedule(): void {
    this.#attempt += 1;
    const delay = delayOf(this.#attempt);
    this.#ports.link({ state: 'waiting', nextTryAt: Date.now() + delay, code: null });
    this.#timer = setTimeout(() => this.#connect(), delay);
  }

  /** A wire that was closed here calls no handler any more. */
  #drop(): void {
    clearTimeout(this.#timer);
    this.#wire?.close();
    this.#wire = null;
    this.#greeted = false;
  }
}
