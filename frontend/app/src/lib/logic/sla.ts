/** The clock of a ticket: which state its soonest deadline is in, and how to write a duration. */
import type { DueKind, TicketRow } from '$shared/api/types';

export type ClockState = 'neutral' | 'amber' | 'red' | 'over' | 'paused' | 'waiting' | 'snoozed';
export type Clock = { state: ClockState; kind: DueKind | null; ms: number };

type ClockRow = Pick<
  TicketRow,
  'next_due_at' | 'next_due_kind' | 'waiting_since' | 'created_at' | 'status' | 'snoozed_until'
>;

const AMBER_SHARE = 0.25;
const RED_SHARE = 0.1;
const STOPPED = new Set(['pending', 'on_hold']);
const DONE = new Set(['resolved', 'closed']);

/** The clock at `now` (ms, server time); null when nothing runs. `ms` is negative when overdue. */
export function clockOf(row: ClockRow, now: number): Clock | null {
  if (DONE.has(row.status)) return null;
  const snoozed = row.snoozed_until ? Date.parse(row.snoozed_until) - now : 0;
  if (snoozed > 0) return { state: 'snoozed', kind: null, ms: snoozed };
  if (row.next_due_at) {
    const due = Date.parse(row.next_due_at);
    const left = due - now;
    const started = startOf(row);
    return {
      state: stateOf(left, due - started),
      kind: row.next_due_kind as DueKind | null,
      ms: left,
    };
  }
  if (STOPPED.has(row.status)) return { state: 'paused', kind: null, ms: 0 };
  if (row.waiting_since)
    return { state: 'waiting', kind: null, ms: Math.max(0, now - Date.parse(row.waiting_since)) };
  return null;
}

function startOf(row: ClockRow): number {
  const fromWaiting =
    row.next_due_kind === 'next_response' || row.next_due_kind === 'first_response';
  return Date.parse(fromWaiting ? (row.waiting_since ?? row.created_at) : row.created_at);
}

function stateOf(left: number, total: number): ClockState {
  if (left <= 0) return 'over';
  if (total <= 0) return 'neutral';
  if (left < total * RED_SHARE) return 'red';
  return left < total * AMBER_SHARE ? 'amber' : 'neutral';
}

export type Span = { sign: '' | '−'; parts: { unit: 'd' | 'h' | 'm' | 's'; value: number }[] };

const MINUTE = 60_000;

/** A duration as at most two units, rounded so that a deadline is never shown later than it is. */
export function spanOf(ms: number): Span {
  const sign = ms < 0 ? '−' : '';
  const minutes = Math.floor(Math.abs(ms) / MINUTE);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  if (days > 0)
    return {
      sign,
      parts: compact([
        { unit: 'd', value: days },
        { unit: 'h', value: days < 3 ? hours : 0 },
      ]),
    };
  if (hours > 0)
    return {
      sign,
      parts: compact([
        { unit: 'h', value: hours },
        { unit: 'm', value: hours < 6 ? rest : 0 },
      ]),
    };
  if (rest === 0) return { sign, parts: [{ unit: 's', value: Math.floor(Math.abs(ms) / 1000) }] };
  return { sign, parts: [{ unit: 'm', value: rest }] };
}

function compact(parts: Span['parts']): Span['parts'] {
  return parts.filter((part, index) => index === 0 || part.value > 0);
}
