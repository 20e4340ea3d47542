/** Whether somebody is there, from the server's word or, before that, from the calendar. */
import { openAt } from '../lib/hours';
import { openingOf, timeOf } from '../lib/locale';
import type { Session } from '../lib/session.svelte';
import { m } from '../lib/messages';

export type Opening = { open: boolean; until: Date | null };

export function openingNow(session: Session): Opening {
  const now = session.hello?.hours;
  if (now) {
    const until = now.open ? now.closes_at : now.opens_at;
    return { open: now.open, until: until === null ? null : new Date(until) };
  }
  const { hours } = session.config;
  return hours ? openAt(hours, new Date()) : { open: true, until: null };
}

/** One line such as "Open until 17:00 your time." */
export function openingLine(opening: Opening): string {
  if (!opening.open) return opening.until ? openingOf(opening.until) : m.closed_now();
  return opening.until ? m.open_until({ time: timeOf(opening.until) }) : m.open_now();
}
