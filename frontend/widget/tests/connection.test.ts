import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { delayOf } from '../src/lib/backoff';
import { Connection, type Link } from '../src/lib/connection';
import type { Hello } from '../src/lib/types';
import { openWire, wireUrl, type WireHandlers } from '../src/lib/wire';

/** A websocket whose server is the test. */
class FakeSocket {
  static readonly OPEN = 1;
  static last: FakeSocket;
  readyState = 1;
  sent: string[] = [];
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: () => void = () => undefined;

  constructor(readonly url: string) {
    FakeSocket.last = this;
  }

  send(packet: string): void {
    this.sent.push(packet);
  }

  close(): void {
    this.readyState = 3;
  }

  say(packet: string): void {
    this.onmessage({ data: packet });
  }
}

function wire(handlers: Partial<WireHandlers> = {}) {
  const all = { event: vi.fn(), closed: vi.fn(), refused: vi.fn(), ...handlers };
  const opened = openWire('ws://desk', '/widget', { inbox: 'k' }, all, FakeSocket as never);
  return { wire: opened, socket: FakeSocket.last, ...all };
}

const OPEN = '0{"sid":"s","pingInterval":25000,"pingTimeout":20000}';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('wire', () => {
  it('speaks the protocol: handshake, namespace, ping, events, acknowledgements', async () => {
    const { wire: open, socket, event } = wire();
    socket.say(OPEN);
    expect(socket.sent).toEqual(['40/widget,{"inbox":"k"}']);
    socket.say('40/widget,{"sid":"s"}');
    expect(open.connected).toBe(true);
    socket.say('2');
    expect(socket.sent.at(-1)).toBe('3');
    socket.say('42/widget,["message",{"text":"a, [b] 12"}]');
    expect(event).toHaveBeenCalledWith('message', { text: 'a, [b] 12' });
    const answer = open.ask('send', { text: 'x' }, 1000);
    expect(socket.sent.at(-1)).toBe('42/widget,1["send",{"text":"x"}]');
    socket.say('43/widget,1[{"ok":true}]');
    expect(await answer).toEqual({ ok: true });
  });

  it('holds back what a server says before it has confirmed the namespace', () => {
    const {
      wire: open,
      socket,
      event,
    } = wire({
      event: vi.fn(() => expect(open.connected).toBe(true)),
    });
    socket.say(OPEN);
    socket.say('42/widget,["hello",{"token":"t"}]');
    expect(event).not.toHaveBeenCalled();
    socket.say('40/widget,{"sid":"s"}');
    expect(event).toHaveBeenCalledWith('hello', { token: 't' });
  });

  it('answers null when no acknowledgement comes, and when the socket goes', async () => {
    const { wire: open, socket, closed } = wire();
    socket.say(OPEN);
    socket.say('40/widget,{}');
    const late = open.ask('send', {}, 1000);
    await vi.advanceTimersByTimeAsync(1001);
    expect(await late).toBeNull();
    const cut = open.ask('send', {}, 1000);
    socket.onclose();
    expect(await cut).toBeNull();
    expect(closed).toHaveBeenCalledOnce();
  });

  it('notices a server that has stopped pinging', async () => {
    const { socket, closed } = wire();
    socket.say(OPEN);
    await vi.advanceTimersByTimeAsync(45_001);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('hands on the code of a refusal, and is silent after closing', () => {
    const { socket, refused, closed } = wire();
    socket.say(OPEN);
    socket.say('44/widget,{"message":"no","data":{"code":"forbidden"}}');
    expect(refused).toHaveBeenCalledWith('forbidden');
    socket.onclose();
    expect(closed).not.toHaveBeenCalled();
  });

  it('asks the same host, encrypted when the page is', () => {
    expect(wireUrl('https://desk.example/widget/frame?inbox=k')).toBe(
      'wss://desk.example/socket.io/?EIO=4&transport=websocket',
    );
  });
});

describe('connection', () => {
  function connect(refused: () => boolean = () => false) {
    const links: Link[] = [];
    const hellos: Hello[] = [];
    const servers: WireHandlers[] = [];
    const connection = new Connection({
      open: (handlers) => {
        servers.push(handlers);
        return {
          connected: true,
          emit: () => undefined,
          ask: () => Promise.resolve(null),
          close: () => undefined,
        };
      },
      hello: (hello) => void hellos.push(hello),
      event: () => undefined,
      link: (link) => void links.push(link),
      refused,
    });
    connection.start();
    return { connection, links, hellos, servers };
  }

  it('is open only after hello, and tries again by itself with the time of the next try', async () => {
    const { connection, links, servers } = connect();
    expect(connection.isOpen).toBe(false);
    servers[0]?.event('hello', {});
    expect(connection.isOpen).toBe(true);
    servers[0]?.closed();
    expect(links.at(-1)?.state).toBe('waiting');
    const wait = (links.at(-1)?.nextTryAt ?? 0) - Date.now();
    expect(wait).toBeGreaterThan(700);
    await vi.advanceTimersByTimeAsync(wait);
    expect(servers).toHaveLength(2);
  });

  it('tries at once when asked, and only once', async () => {
    const { connection, servers } = connect();
    servers[0]?.closed();
    connection.tryNow();
    expect(servers).toHaveLength(2);
    servers[1]?.event('hello', {});
    await vi.advanceTimersByTimeAsync(60_000);
    expect(servers).toHaveLength(2);
  });

  it('replaces a socket that never says hello', async () => {
    const { servers } = connect();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(servers).toHaveLength(2);
  });

  it('stops at a refusal, unless its cause was removed', async () => {
    const stopped = connect();
    stopped.servers[0]?.refused('forbidden');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stopped.links.at(-1)).toMatchObject({ state: 'refused', code: 'forbidden' });
    expect(stopped.servers).toHaveLength(1);
    const again = connect(() => true);
    again.servers[0]?.refused('session-expired');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(again.servers).toHaveLength(2);
  });

  it('finds a dead socket by asking, and opens another', async () => {
    const { connection, servers } = connect();
    servers[0]?.event('hello', {});
    await connection.probe();
    expect(servers).toHaveLength(2);
  });

  it('waits longer each time, never beyond 40 seconds', () => {
    expect(delayOf(1, () => 0.5)).toBe(1000);
    expect(delayOf(3, () => 0.5)).toBe(4000);
    expect(delayOf(20, () => 1)).toBeLessThanOrEqual(40_000);
  });
});
