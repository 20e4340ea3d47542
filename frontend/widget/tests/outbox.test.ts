import { describe, expect, it } from 'vitest';
import { Outbox, newLocalConversation, type OutboxItem } from '../src/lib/outbox';
import { hostShelf } from '../src/lib/storage';
import type { Ack, Conversation, Sent, WidgetMessage } from '../src/lib/types';

type Reply = Ack<Sent> | null;

function item(clientId: string, conversation = 'c1'): OutboxItem {
  return {
    client_id: clientId,
    conversation,
    text: clientId,
    attachments: [],
    form: null,
    page: null,
    written_at: 0,
    state: 'waiting',
    reason: null,
    attempts: 0,
  };
}

function accepted(one: OutboxItem, conversation = 'c1'): Sent {
  return {
    message: { id: one.client_id, client_id: one.client_id } as WidgetMessage,
    conversation: { id: conversation } as Conversation,
  };
}

/** A desk that answers by `reply`, and everything that can be seen of the outbox. */
function setUp(reply: (one: OutboxItem, id: string | null, count: number) => Reply) {
  const kept: Record<string, unknown> = {};
  const seen = {
    asked: [] as [string, string | null][],
    sent: [] as string[],
    later: [] as number[],
  };
  const world = { open: true, resume: () => undefined as void };
  let shown: OutboxItem[] = [];
  const make = () =>
    new Outbox({
      store: hostShelf({ kept, keep: (key, value) => void (kept[key] = value) }).queue,
      isOpen: () => world.open,
      exclusive: (work) => work(),
      changed: (items) => (shown = items),
      sent: (one) => void seen.sent.push(one.client_id),
      later: (work, delay) => {
        seen.later.push(delay);
        world.resume = work;
      },
      send: async (one, id) => {
        seen.asked.push([one.client_id, id]);
        return reply(one, id, seen.asked.length);
      },
    });
  return { make, seen, world, shown: () => shown };
}

describe('outbox', () => {
  it('sends in the order of writing and keeps nothing that was confirmed', async () => {
    const { make, seen, shown } = setUp((one) => accepted(one));
    const outbox = make();
    await Promise.all([outbox.add(item('a')), outbox.add(item('b')), outbox.add(item('c'))]);
    await outbox.flush();
    expect(seen.sent).toEqual(['a', 'b', 'c']);
    expect(shown()).toEqual([]);
  });

  it('keeps what is written offline through a reload and sends it once', async () => {
    const { make, seen, world } = setUp((one) => accepted(one));
    world.open = false;
    await make().add(item('a'));
    const afterReload = make();
    await afterReload.load();
    expect(seen.asked).toEqual([]);
    world.open = true;
    await afterReload.flush();
    await afterReload.flush();
    expect(seen.asked).toEqual([['a', 'c1']]);
  });

  it('repeats the same client id when an acknowledgement was lost', async () => {
    const { make, seen, world } = setUp((one, _id, count) => (count === 1 ? null : accepted(one)));
    const outbox = make();
    await outbox.add(item('a'));
    expect(seen.sent).toEqual([]);
    world.resume();
    await outbox.flush();
    expect(seen.asked.map(([id]) => id)).toEqual(['a', 'a']);
    expect(seen.sent).toEqual(['a']);
  });

  it('puts the second message of a new conversation into the one the first has opened', async () => {
    const local = newLocalConversation('x');
    const { make, seen, world } = setUp((one) => accepted(one, 'real'));
    world.open = false;
    const outbox = make();
    await outbox.add(item('a', local));
    await outbox.add(item('b', local));
    world.open = true;
    await outbox.flush();
    expect(seen.asked).toEqual([
      ['a', null],
      ['b', 'real'],
    ]);
  });

  it('shows a refused message as failed, goes on with the next, and tries again when asked', async () => {
    let refuse = true;
    const { make, seen, shown } = setUp((one) =>
      one.client_id === 'a' && refuse
        ? { error: { code: 'invalid', detail: 'too long' } }
        : accepted(one),
    );
    const outbox = make();
    await outbox.add(item('a'));
    await outbox.add(item('b'));
    expect(seen.sent).toEqual(['b']);
    expect(shown()).toMatchObject([{ client_id: 'a', state: 'failed', reason: 'too long' }]);
    refuse = false;
    await outbox.retry('a');
    expect(seen.sent).toEqual(['b', 'a']);
    expect(shown()).toEqual([]);
  });

  it('waits as long as a rate limit says, without counting it as a failure', async () => {
    const { make, seen, world, shown } = setUp((one, _id, count) =>
      count <= 6 ? { error: { code: 'rate-limited', detail: '', retry_after: 3 } } : accepted(one),
    );
    const outbox = make();
    await outbox.add(item('a'));
    for (let round = 0; round < 6; round += 1) {
      expect(shown()[0]?.state).toBe('waiting');
      world.resume();
      await outbox.flush();
    }
    expect(seen.later[0]).toBe(3000);
    expect(seen.sent).toEqual(['a']);
  });

  it('gives up on a server that keeps failing, and says so', async () => {
    const { make, world, shown } = setUp(() => ({ error: { code: 'internal', detail: 'oops' } }));
    const outbox = make();
    await outbox.add(item('a'));
    for (let round = 0; round < 4; round += 1) {
      world.resume();
      await outbox.flush();
    }
    expect(shown()).toMatchObject([{ state: 'failed', reason: 'oops' }]);
  });
});
