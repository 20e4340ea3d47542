/** Search operators: `is:open -tag:spam assignee:me words` to a ticket query, and back to chips. */
import type { TicketQuery } from '$shared/api/types';

export type Operator = { name: string; value: string; negated: boolean };
export type Search = { operators: Operator[]; text: string };

const NAMES = new Set([
  'is',
  'tag',
  'assignee',
  'team',
  'inbox',
  'channel',
  'priority',
  'status',
  'contact',
  'locale',
]);
const NEGATABLE = new Set(['tag']);
const TOKEN = /(-?)([a-z]+):("([^"]*)"|\S+)/gi;

/** The statuses that count as open in the tabs. */
export const OPEN = ['new', 'open', 'pending', 'on_hold'];

/** Splits what was typed; an unknown operator stays part of the text. */
export function parseSearch(input: string): Search {
  const operators: Operator[] = [];
  const text = input.replace(
    TOKEN,
    (whole, minus: string, name: string, raw: string, quoted?: string) => {
      const lower = name.toLowerCase();
      const negated = minus === '-';
      if (!NAMES.has(lower) || (negated && !NEGATABLE.has(lower))) return whole;
      operators.push({ name: lower, value: quoted ?? raw, negated });
      return ' ';
    },
  );
  return { operators, text: text.replace(/\s+/g, ' ').trim() };
}

export function operatorText({ name, value, negated }: Operator): string {
  return `${negated ? '-' : ''}${name}:${/\s/.test(value) ? `"${value}"` : value}`;
}

export function searchText(search: Search): string {
  return [...search.operators.map(operatorText), search.text].filter(Boolean).join(' ');
}

/** The same search with one operator more; a name that can hold one value only replaces it. */
export function withOperator(search: Search, operator: Operator): Search {
  const text = operatorText(operator);
  const kept = search.operators.filter(
    (other) =>
      operatorText(other) !== text && (operator.name === 'tag' || other.name !== operator.name),
  );
  return { ...search, operators: [...kept, operator] };
}

export function withoutOperator(search: Search, operator: Operator): Search {
  const text = operatorText(operator);
  return { ...search, operators: search.operators.filter((other) => operatorText(other) !== text) };
}

export type Names = {
  agents: readonly { id: string; name: string }[];
  teams: readonly { id: string; name: string }[];
  inboxes: readonly { id: string; name: string }[];
};

/** The query the server understands. Names of people, teams and inboxes become their ids. */
export function toQuery(search: Search, names: Names): TicketQuery {
  const query: TicketQuery = {};
  for (const { name, value, negated } of search.operators) {
    if (name === 'tag') {
      const key = negated ? 'not_tag' : 'tag';
      query[key] = [...(query[key] ?? []), value];
    } else if (name === 'is') Object.assign(query, stateQuery(value));
    else if (name === 'assignee') query.assignee = idOf(value, names.agents);
    else if (name === 'team') query.team = idOf(value, names.teams);
    else if (name === 'inbox') query.inbox = idOf(value, names.inboxes);
    else if (name === 'channel') query.channel = value.split(',');
    else if (name === 'priority') query.priority = value.split(',');
    else if (name === 'status') query.status = value.split(',');
    else if (name === 'contact') query.contact = value;
    else if (name === 'locale') query.locale = value;
  }
  if (search.text) query.q = search.text;
  return query;
}

function stateQuery(value: string): TicketQuery {
  if (value === 'open') return { status: OPEN, snoozed: false };
  if (value === 'unread') return { unread: true };
  if (value === 'snoozed') return { snoozed: true };
  if (value === 'mine') return { assignee: 'me' };
  if (value === 'unassigned') return { assignee: 'none' };
  return { status: value.split(',') };
}

function idOf(value: string, among: readonly { id: string; name: string }[]): string {
  if (value === 'me' || value === 'none') return value;
  const wanted = value.toLowerCase();
  const found =
    among.find((one) => one.name.toLowerCase() === wanted) ??
    among.find((one) => one.name.toLowerCase().startsWith(wanted));
  return found?.id ?? value;
}
