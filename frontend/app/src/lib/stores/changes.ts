/** Changing tickets: shown at once, confirmed by the server, always with a way back. */
import { dataOf } from '$shared/api/client';
import type { TicketPatch, TicketRow } from '$shared/api/types';
import { m } from '$lib/words/app';
import { isSnoozed } from '../logic/filter';
import { clock } from './clock.svelte';
import { directory } from './directory.svelte';
import { format } from './format.svelte';
import { list } from './list.svelte';
import { api } from './session.svelte';
import { threads } from './threads.svelte';
import { applied, reverse, rowOf, tickets } from './tickets.svelte';
import { toasts } from './toasts.svelte';

/** Changes one ticket. Resolves to false when the server refused. */
export async function change(id: string, patch: TicketPatch, text?: string): Promise<boolean> {
  const row = tickets.get(id);
  if (!row) return false;
  const putBack = tickets.preview(id, applied(row, patch));
  replace([id]);
  try {
    const undo = await send(id, patch);
    toasts.say(text ?? describe(patch, row), async () => {
      await send(id, undo ?? reverse(row, patch));
      replace([id]);
    });
    return true;
  } catch (error) {
    putBack();
    replace([id]);
    toasts.fail(error);
    return false;
  }
}

/** Changes many tickets with one request and one undo. */
export async function changeMany(ids: readonly string[], patch: TicketPatch): Promise<void> {
  if (ids.length === 1 && ids[0]) {
    await change(ids[0], patch);
    return;
  }
  const before = ids.map((id) => tickets.get(id)).filter((row) => row !== undefined);
  const putBack = before.map((row) => tickets.preview(row.id, applied(row, patch)));
  replace(ids);
  try {
    const { items } = await dataOf(
      api.POST('/api/v1/tickets/bulk', { body: { ids: [...ids], patch } }),
    );
    const failed = items.filter((item) => !item.ok).length;
    const undoable = items.filter((item) => item.ok);
    if (failed > 0) toasts.say(m.bulk_partial({ done: undoable.length, failed }));
    toasts.say(m.bulk_done({ n: undoable.length }), async () => {
      for (const item of undoable) {
        const row = before.find((one) => one.id === item.id);
        if (row) await send(item.id, item.undo ?? reverse(row, patch));
      }
      replace(ids);
    });
  } catch (error) {
    putBack.forEach((back) => back());
    replace(ids);
    toasts.fail(error);
  }
}

async function send(id: string, patch: TicketPatch): Promise<TicketPatch | null> {
  const ticket = await dataOf(
    api.PATCH('/api/v1/tickets/{ticket_id}', { params: { path: { ticket_id: id } }, body: patch }),
  );
  const { undo, ...rest } = ticket;
  const unread = tickets.get(id)?.unread ?? rest.unread;
  tickets.put([{ ...rowOf(rest), unread }]);
  const thread = threads.get(id);
  if (thread?.ticket) thread.ticket = { ...thread.ticket, ...rest };
  return undo ?? null;
}

function replace(ids: readonly string[]): void {
  const rows = ids.map((id) => tickets.get(id)).filter((row) => row !== undefined);
  list.place(rows, threads.current?.id ?? null);
}

function describe(patch: TicketPatch, row: TicketRow): string {
  const number = row.number;
  if (patch.status === 'resolved') return m.did_resolve({ number });
  if (patch.status === 'closed') return m.did_close({ number });
  if (patch.status === 'open' && row.status !== 'open') return m.did_reopen({ number });
  if (patch.status) return m.did_status({ number, status: statusName(patch.status) });
  if (patch.priority) return m.did_priority({ number, priority: priorityName(patch.priority) });
  if (patch.assignee_id)
    return m.did_assign({ number, name: directory.agent(patch.assignee_id)?.name ?? '' });
  if (patch.assignee_id === null) return m.did_unassign({ number });
  if (patch.team_id) return m.did_team({ number, name: directory.team(patch.team_id)?.name ?? '' });
  if (patch.team_id === null) return m.did_no_team({ number });
  if (patch.snoozed_until)
    return m.did_snooze({ number, when: format.moment(patch.snoozed_until) });
  if (patch.snoozed_until === null) return m.did_wake({ number });
  return m.did_tags({ number });
}

export function statusName(status: string): string {
  const names: Record<string, () => string> = {
    new: m.status_new,
    open: m.status_open,
    pending: m.status_pending,
    on_hold: m.status_on_hold,
    resolved: m.status_resolved,
    closed: m.status_closed,
  };
  return names[status]?.() ?? status;
}

export function priorityName(priority: string): string {
  const names: Record<string, () => string> = {
    low: m.priority_low,
    normal: m.priority_normal,
    high: m.priority_high,
    urgent: m.priority_urgent,
  };
  return names[priority]?.() ?? priority;
}

export const isDone = (row: Pick<TicketRow, 'status'>) =>
  row.status === 'resolved' || row.status === 'closed';

/** Resolves what is open, reopens what is done. */
export function toggleResolved(ids: readonly string[]): Promise<void> {
  const rows = ids.map((id) => tickets.get(id)).filter((row) => row !== undefined);
  return changeMany(ids, { status: rows.every(isDone) ? 'open' : 'resolved' });
}

export function wakeable(row: TicketRow): boolean {
  return isSnoozed(row, clock.now);
}
