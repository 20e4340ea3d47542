/** Whether a ticket that changed belongs in the list on screen, and where; the server's rules, mirrored. */
import type { TicketQuery, TicketRow } from '$shared/api/types';

/** Null when only the server can tell (words, mentions). */
export function belongs(
  row: TicketRow,
  query: TicketQuery,
  me: string,
  now: number,
): boolean | null {
  if (query.status && !listed(query.status, row.status)) return false;
  if (query.priority && !listed(query.priority, row.priority)) return false;
  if (query.channel && !listed(query.channel, row.channel)) return false;
  if (query.assignee && !reference(query.assignee, row.assignee_id, me)) return false;
  if (query.team && !reference(query.team, row.team_id, me)) return false;
  if (query.inbox && row.inbox_id !== query.inbox) return false;
  if (query.contact && row.contact.id !== query.contact) return false;
  if (query.locale && row.locale !== query.locale) return false;
  if (query.unread && !row.unread) return false;
  if (query.tag?.some((tag) => !row.tags.includes(tag))) return false;
  if (query.not_tag?.some((tag) => row.tags.includes(tag))) return false;
  if (query.snoozed !== undefined && query.snoozed !== isSnoozed(row, now)) return false;
  return query.q || query.mentions ? null : true;
}

export function isSnoozed(row: Pick<TicketRow, 'snoozed_until'>, now: number): boolean {
  return row.snoozed_until !== null && Date.parse(row.snoozed_until) > now;
}

function listed(wanted: readonly string[], value: string): boolean {
  return wanted.includes(value);
}

function reference(wanted: string, value: string | null, me: string): boolean {
  if (wanted === 'none') return value === null;
  return value === (wanted === 'me' ? me : wanted);
}

/** `relevance` is there while words are looked for. */
export const SORTS = [
  'relevance',
  'next_due_at',
  '-created_at',
  'created_at',
  '-last_message_at',
  'waiting_since',
] as const;
export type Sort = (typeof SORTS)[number];

const LAST = '\uffff';

/** Negative when `a` comes first under `sort`. */
export function compareRows(a: TicketRow, b: TicketRow, sort: Sort): number {
  if (sort === 'next_due_at')
    return (
      order(a.next_due_at ?? LAST, b.next_due_at ?? LAST) ||
      order(a.waiting_since ?? LAST, b.waiting_since ?? LAST) ||
      order(b.created_at, a.created_at)
    );
  if (sort === 'created_at') return order(a.created_at, b.created_at);
  if (sort === 'waiting_since') return order(a.waiting_since ?? LAST, b.waiting_since ?? LAST);
  if (sort === '-last_message_at')
    return order(b.last_message?.at ?? b.created_at, a.last_message?.at ?? a.created_at);
  return order(b.created_at, a.created_at);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The ids of a list after one of its tickets changed. A ticket that no longer belongs leaves,
 * unless it is the one being read (`keep`); a new one takes its place, and one that would come
 * after everything loaded is left for paging when more is to come.
 */
export function placed(
  ids: readonly string[],
  row: TicketRow,
  rows: ReadonlyMap<string, TicketRow>,
  options: { fits: boolean | null; sort: Sort; keep: string | null; complete: boolean },
): string[] {
  const present = ids.includes(row.id);
  // Which of the found ones are best, only the server can tell.
  if (options.fits === null || options.sort === 'relevance') return [...ids];
  if (!options.fits) return row.id === options.keep ? [...ids] : ids.filter((id) => id !== row.id);
  const others = ids.filter((id) => id !== row.id);
  const at = others.findIndex((id) => {
    const other = rows.get(id);
    return other !== undefined && compareRows(row, other, options.sort) < 0;
  });
  if (at >= 0) return [...others.slice(0, at), row.id, ...others.slice(at)];
  return present || options.complete ? [...others, row.id] : others;
}
