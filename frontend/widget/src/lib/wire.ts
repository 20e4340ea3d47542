/**
 * A Socket.IO client over one websocket: the text packets of Engine.IO 4 and Socket.IO 5.
 *
 * https://socket.io/docs/v4/socket-io-protocol/ and .../engine-io-protocol/. The official client
 * would be a quarter of the whole frame; transports, reconnection and binary packets are not used.
 */

export type WireHandlers = {
  event: (name: string, payload: unknown) => void;
  /** The socket has gone; called at most once, and never after `close`. */
  closed: () => void;
  /** The namespace said no, with the code of its reason. */
  refused: (code: string | undefined) => void;
};

export interface Wire {
  readonly connected: boolean;
  emit(event: string, payload: unknown): void;
  /** The acknowledgement, or null when none came in `timeout` milliseconds. */
  ask(event: string, payload: unknown, timeout: number): Promise<unknown>;
  close(): void;
}

type Handshake = { pingInterval: number; pingTimeout: number };

const OPEN = '0';
const PING = '2';
const PONG = '3';
const CONNECT = '40';
const DISCONNECT = '41';
const EVENT = '42';
const ACK = '43';
const REFUSED = '44';

/** The address of a Socket.IO server on the same host as `base`. */
export function wireUrl(base: string): string {
  const url = new URL('/socket.io/?EIO=4&transport=websocket', base);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

export function openWire(
  url: string,
  namespace: string,
  auth: unknown,
  handlers: WireHandlers,
  Socket: typeof WebSocket = WebSocket,
): Wire {
  const socket = new Socket(url);
  const asked = new Map<number, (answer: unknown) => void>();
  const at = `${namespace},`;
  /** What came before the namespace was confirmed: servers may greet while they still decide. */
  const early: [string, unknown][] = [];
  let connected = false;
  let over = false;
  let patience = 0;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let count = 0;

  function send(packet: string): void {
    if (socket.readyState === Socket.OPEN) socket.send(packet);
  }

  /** A server that has not pinged for this long is gone, whatever the socket says. */
  function alive(): void {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, patience);
  }

  function finish(): void {
    over = true;
    connected = false;
    clearTimeout(watchdog);
    for (const answer of asked.values()) answer(null);
    asked.clear();
    socket.close();
  }

  function lost(): void {
    if (over) return;
    finish();
    handlers.closed();
  }

  function opened(handshake: Handshake): void {
    patience = handshake.pingInterval + handshake.pingTimeout;
    alive();
    send(CONNECT + at + JSON.stringify(auth));
  }

  function received(packet: string): void {
    if (packet.startsWith(OPEN)) return opened(JSON.parse(packet.slice(1)) as Handshake);
    if (packet === PING) {
      alive();
      return send(PONG);
    }
    const type = packet.slice(0, 2);
    if (!packet.startsWith(at, 2)) return;
    const [, number, json] = /^(\d*)(.*)$/s.exec(packet.slice(2 + at.length)) ?? [];
    const body: unknown = json ? JSON.parse(json) : null;
    if (type === CONNECT) {
      connected = true;
      for (const [name, payload] of early.splice(0)) handlers.event(name, payload);
    } else if (type === DISCONNECT) lost();
    else if (type === EVENT) {
      const [name, payload] = body as [string, unknown];
      if (connected) handlers.event(name, payload);
      else early.push([name, payload]);
    } else if (type === ACK) {
      const answer = asked.get(Number(number));
      asked.delete(Number(number));
      answer?.((body as unknown[])[0]);
    } else if (type === REFUSED) {
      finish();
      handlers.refused((body as { data?: { code?: string } }).data?.code);
    }
  }

  socket.onmessage = (event) => {
    if (!over && typeof event.data === 'string') received(event.data);
  };
  socket.onclose = lost;

  return {
    get connected() {
      return connected;
    },
    emit: (event, payload) => send(EVENT + at + JSON.stringify([event, payload])),
    ask(event, payload, timeout) {
      if (!connected) return Promise.resolve(null);
      const id = (count += 1);
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          asked.delete(id);
          resolve(null);
        }, timeout);
        asked.set(id, (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
        send(EVENT + at + id + JSON.stringify([event, payload]));
      });
    },
    close() {
      if (!over) finish();
    },
  };
}
