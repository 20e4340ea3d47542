// The HTTP side of the pretend desk. Each route: method, pattern, handler({ body, query, params, me }).
import { randomUUID } from 'node:crypto';
import { add, counts, deliver, desk, emit, matching, patch, row, sorted, whole } from './desk.mjs';

const me = () => desk.agents[0];
const problem = (status, code, extra = {}) => ({
  status,
  problem: {
    type: `urn:parley:problem:${code}`,
    title: code,
    status,
    detail: code,
    code,
    ...extra,
  },
});
const ok = (json, status = 200) => ({ status, json });
const none = { status: 204 };
const ticketOf = (id) => desk.tickets.find((ticket) => ticket.id === id);
const session = () => ({
  agent: me(),
  csrf_token: 'mock-csrf',
  permissions: ['agents.manage', 'tokens.manage', 'intake.read', 'intake.replay'],
  expires_at: new Date(Date.now() + 8.64e7).toISOString(),
  desk: { name: 'Fjell & Sand', version: '0.1.0', demo: true, locales: ['en', 'he'] },
});
const findMessage = (id) => [...desk.messages.values()].flat().find((message) => message.id === id);

function reply({ body, params }) {
  const ticket = ticketOf(params[0]);
  const thread = desk.messages.get(ticket.id);
  const same = thread.find((message) => message.client_id === body.client_id);
  if (same) return ok(same);
  const newer = thread.filter(
    (m) => m.seq > body.last_seen_seq && m.author.id !== me().id && m.kind !== 'note',
  );
  if (body.kind === 'reply' && newer.length > 0) return problem(409, 'stale-reply', { newer });
  const hold = body.kind === 'reply' ? (body.undo_seconds ?? 0) : 0;
  const message = add(ticket, {
    kind: body.kind,
    text: body.text,
    fresh: body.text,
    client_id: body.client_id,
    author: { kind: 'agent', id: me().id, name: me().name },
    state: body.kind === 'note' ? 'sent' : 'queued',
    hold_until: hold ? new Date(Date.now() + hold * 1000).toISOString() : null,
    attachments: body.attachment_ids.map((id) => ({
      ...desk.files.get(id),
      inline: false,
      content_id: null,
    })),
  });
  if (body.kind === 'reply') deliver(ticket, message, hold);
  if (body.status) patch(ticket, { status: body.status });
  desk.drafts.delete(ticket.id);
  return ok(message, 201);
}

function undo({ params }) {
  const message = findMessage(params[0]);
  if (message.state !== 'queued') return problem(409, 'too-late');
  message.state = 'canceled';
  message.hold_until = null;
  emit('message.state', ticketOf(message.ticket_id), { ...message });
  return ok(message);
}

function page({ query }) {
  const all = sorted(matching(query, me()), query.get('sort') ?? undefined);
  const limit = Number(query.get('limit') ?? 50);
  const from = Number(query.get('cursor') ?? 0);
  const more = from + limit < all.length;
  return ok({
    items: all.slice(from, from + limit).map(row),
    next_cursor: more ? String(from + limit) : null,
  });
}

function messagesOf({ query, params }) {
  const limit = Number(query.get('limit') ?? 50);
  const all = desk.messages
    .get(params[0])
    .filter((m) => m.seq < Number(query.get('before_seq') ?? Infinity));
  return ok({ items: all.slice(-limit), has_more: all.length > limit });
}

function changed({ body, params }) {
  const ticket = ticketOf(params[0]);
  const undoPatch = patch(ticket, body);
  return ok({ ...whole(ticket), undo: undoPatch });
}

const ID = '([0-9a-f-]{36})';
export const routes = [
  [
    'POST',
    '/session',
    ({ body }) =>
      body.password === 'wrong'
        ? problem(401, 'bad-credentials')
        : { ...ok(session(), 201), cookie: 'in' },
  ],
  [
    'GET',
    '/session',
    ({ signedIn }) => (signedIn ? ok(session()) : problem(401, 'not-authenticated')),
  ],
  ['DELETE', '/session', () => ({ ...none, cookie: 'out' })],
  ['GET', '/agents', () => ok({ items: desk.agents })],
  [
    'POST',
    '/agents',
    ({ body }) => {
      const agent = {
        ...desk.agents[1],
        ...body,
        id: randomUUID(),
        active: true,
        online: false,
        team_ids: [],
      };
      desk.agents.push(agent);
      return ok(agent, 201);
    },
  ],
  [
    'PATCH',
    '/agents/(me|[0-9a-f-]{36})',
    ({ body, params }) => {
      const agent = params[0] === 'me' ? me() : desk.agents.find((one) => one.id === params[0]);
      return ok(Object.assign(agent, body));
    },
  ],
  ['GET', '/me/preferences', () => ok(desk.preferences)],
  ['PUT', '/me/preferences', ({ body }) => ok((desk.preferences = body))],
  ['GET', '/teams', () => ok({ items: desk.teams })],
  ['GET', '/inboxes', () => ok({ items: desk.inboxes })],
  [
    'GET',
    '/tags',
    () =>
      ok({
        items: ['Delivery', 'Exchange', 'Invoice', 'Refund', 'Shipping', 'Warranty', 'spam'].map(
          (name) => ({ name, count: 3 }),
        ),
      }),
  ],
  ['GET', '/tokens', () => ok({ items: desk.tokens })],
  [
    'POST',
    '/tokens',
    ({ body }) => {
      const token = {
        id: randomUUID(),
        name: body.name,
        created_at: new Date().toISOString(),
        last_used_at: null,
      };
      desk.tokens.push(token);
      return ok({ ...token, token: 'parley_mock_5b0c1f' }, 201);
    },
  ],
  [
    'DELETE',
    `/tokens/${ID}`,
    ({ params }) => {
      desk.tokens.splice(
        desk.tokens.findIndex((one) => one.id === params[0]),
        1,
      );
      return none;
    },
  ],
  ['GET', '/tickets', page],
  ['GET', '/tickets/counts', ({ query }) => ok(counts(query, me()))],
  [
    'POST',
    '/tickets/bulk',
    ({ body }) =>
      ok({
        items: body.ids.map((id) => ({ id, ok: true, undo: patch(ticketOf(id), body.patch) })),
      }),
  ],
  [
    'GET',
    '/tickets/by-number/(\\d+)',
    ({ params }) => {
      const ticket = desk.tickets.find((one) => one.number === Number(params[0]));
      return ticket ? ok(whole(ticket)) : problem(404, 'not-found');
    },
  ],
  ['GET', `/tickets/${ID}`, ({ params }) => ok(whole(ticketOf(params[0])))],
  ['PATCH', `/tickets/${ID}`, changed],
  ['GET', `/tickets/${ID}/messages`, messagesOf],
  ['POST', `/tickets/${ID}/messages`, reply],
  ['DELETE', `/messages/${ID}`, undo],
  [
    'POST',
    `/messages/${ID}/retry`,
    ({ params }) => {
      const message = findMessage(params[0]);
      Object.assign(message, { state: 'queued', state_reason: null });
      deliver(ticketOf(message.ticket_id), message, 1);
      return ok(message, 202);
    },
  ],
  [
    'PUT',
    `/tickets/${ID}/read`,
    ({ params, body }) => {
      Object.assign(ticketOf(params[0]), { read_seq: body.seq, unread: false });
      return none;
    },
  ],
  [
    'PUT',
    `/tickets/${ID}/draft`,
    ({ params, body }) => {
      const draft = { ...body, updated_at: new Date().toISOString() };
      desk.drafts.set(params[0], draft);
      return ok(draft);
    },
  ],
  [
    'DELETE',
    `/tickets/${ID}/draft`,
    ({ params }) => {
      desk.drafts.delete(params[0]);
      return none;
    },
  ],
  [
    'GET',
    `/tickets/${ID}/events`,
    ({ params }) =>
      ok({ items: desk.decisions.filter((d) => d.ticket_id === params[0]), next_cursor: null }),
  ],
  ['GET', `/contacts/${ID}`, ({ params }) => ok(desk.contacts.find((one) => one.id === params[0]))],
  [
    'PATCH',
    `/contacts/${ID}`,
    ({ params, body }) =>
      ok(
        Object.assign(
          desk.contacts.find((one) => one.id === params[0]),
          body,
        ),
      ),
  ],
  ['GET', '/intake', () => ok({ items: desk.intake })],
  [
    'POST',
    `/intake/${ID}/replay`,
    ({ params }) => {
      const [item] = desk.intake.splice(
        desk.intake.findIndex((one) => one.id === params[0]),
        1,
      );
      return ok({ ...item, state: 'queued' }, 202);
    },
  ],
];
