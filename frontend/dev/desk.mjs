// The state of the pretend desk and the events it tells everyone about.
import { randomUUID } from 'node:crypto';
import * as fixtures from './fixtures.mjs';

export const desk = {
  ...fixtures,
  seq: 100,
  feed: [],
  drafts: new Map(),
  preferences: {},
  files: new Map(),
  signedIn: new Set(),
  publish: () => undefined,
};

const now = () => new Date().toISOString();

export function row(ticket) {
  const { read_seq: _read, ...fields } = ticket;
  return fields;
}

export function whole(ticket) {
  const contact = desk.contacts.find((one) => one.id === ticket.contact.id);
  const others = desk.tickets.filter(
    (one) => one.contact.name === contact.name && one.id !== ticket.id,
  );
  return {
    ...ticket,
    contact: { ...contact, tickets: others.slice(0, 10).map(row) },
    followers: [],
    links: [],
    draft: desk.drafts.get(ticket.id) ?? null,
  };
}

/** Numbers an event and sends it to every socket. */
export function emit(kind, ticket, message = null, changes = {}) {
  desk.seq += 1;
  const item = {
    id: randomUUID(),
    seq: desk.seq,
    kind,
    ticket_id: ticket.id,
    actor: { kind: 'system', id: null, name: 'Desk' },
    reason: '',
    changes,
    data: {},
    at: now(),
    row: row(ticket),
    message,
  };
  desk.feed.push(item);
  desk.publish(item);
}

export function patch(ticket, change) {
  const undo = {};
  const { add_tags, remove_tags, version: _v, reason: _r, ...fields } = change;
  if (add_tags || remove_tags)
    fields.tags = [...new Set([...ticket.tags, ...(add_tags ?? [])])].filter(
      (tag) => !remove_tags?.includes(tag),
    );
  for (const [key, value] of Object.entries(fields)) {
    undo[key] = ticket[key];
    ticket[key] = value;
  }
  ticket.version += 1;
  ticket.updated_at = now();
  emit('ticket.changed', ticket);
  return undo;
}

export function add(ticket, over) {
  const thread = desk.messages.get(ticket.id);
  const message = desk.message(ticket, {
    created_at: now(),
    ...over,
    seq: (thread.at(-1)?.seq ?? 0) + 1,
  });
  thread.push(message);
  ticket.last_seq = message.seq;
  ticket.version += 1;
  const inbound = message.kind === 'inbound';
  ticket.last_message = {
    at: message.created_at,
    preview: message.text.slice(0, 120),
    kind: message.kind,
    author_name: message.author.name,
  };
  if (inbound) ticket.waiting_since ??= message.created_at;
  if (message.kind === 'reply')
    Object.assign(ticket, { waiting_since: null, next_due_at: null, next_due_kind: null });
  emit(
    inbound ? 'message.received' : message.kind === 'note' ? 'note.added' : 'message.queued',
    ticket,
    message,
  );
  return message;
}

/** A reply goes out after its hold, then is delivered and read. */
export function deliver(ticket, message, seconds) {
  const step = (state, field) => {
    if (message.state === 'canceled') return false;
    Object.assign(message, { state, [field]: now(), hold_until: null });
    emit('message.state', ticket, { ...message });
    return true;
  };
  message.timer = undefined;
  setTimeout(
    () => {
      if (!step('sent', 'sent_at')) return;
      setTimeout(() => step('delivered', 'delivered_at'), 1500);
      setTimeout(() => step('read', 'read_at'), 6000);
    },
    seconds * 1000 + 300,
  );
}

const OPEN = ['new', 'open', 'pending', 'on_hold'];

export function matching(query, me) {
  const list = (name) =>
    query.has(name) ? query.getAll(name).flatMap((value) => value.split(',')) : undefined;
  const ref = (wanted, value) =>
    wanted === 'none' ? value === null : value === (wanted === 'me' ? me.id : wanted);
  const words = query.get('q')?.toLowerCase();
  return desk.tickets.filter((t) => {
    const snoozed = t.snoozed_until !== null && Date.parse(t.snoozed_until) > Date.now();
    if (list('status') && !list('status').includes(t.status)) return false;
    if (query.has('snoozed') && (query.get('snoozed') === 'true') !== snoozed) return false;
    if (list('priority') && !list('priority').includes(t.priority)) return false;
    if (list('channel') && !list('channel').includes(t.channel)) return false;
    if (query.has('assignee') && !ref(query.get('assignee'), t.assignee_id)) return false;
    if (query.has('team') && !ref(query.get('team'), t.team_id)) return false;
    if (query.has('inbox') && t.inbox_id !== query.get('inbox')) return false;
    if (query.has('contact')) {
      const contact = desk.contacts.find((one) => one.id === query.get('contact'));
      if (t.contact.name !== contact?.name) return false;
    }
    if (query.get('unread') === 'true' && !t.unread) return false;
    if (query.get('mentions') === 'true' && t.number !== 4821) return false;
    if (query.getAll('tag').some((tag) => !t.tags.includes(tag))) return false;
    if (query.getAll('not_tag').some((tag) => t.tags.includes(tag))) return false;
    if (words && !`${t.subject} ${t.contact.name} ${t.number}`.toLowerCase().includes(words))
      return false;
    return true;
  });
}

const SORTS = {
  next_due_at: (t) => [t.next_due_at ?? '~', t.waiting_since ?? '~', t.created_at],
  created_at: (t) => [t.created_at],
  waiting_since: (t) => [t.waiting_since ?? '~'],
};

export function sorted(tickets, sort = '-created_at') {
  if (sort === '-created_at')
    return [...tickets].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  if (sort === '-last_message_at')
    return [...tickets].sort((a, b) => (a.last_message.at < b.last_message.at ? 1 : -1));
  const key = SORTS[sort] ?? SORTS.created_at;
  return [...tickets].sort((a, b) => (JSON.stringify(key(a)) < JSON.stringify(key(b)) ? -1 : 1));
}

export function counts(query, me) {
  const open = matching(query, me).filter((t) => OPEN.includes(t.status));
  return {
    all_open: open.length,
    mine: open.filter((t) => t.assignee_id === me.id).length,
    unassigned: open.filter((t) => t.assignee_id === null).length,
    mentions: 2,
    unread: open.filter((t) => t.unread).length,
  };
}
