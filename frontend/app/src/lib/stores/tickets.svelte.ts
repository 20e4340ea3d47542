/** Every ticket row this page has seen, by id. Replaced whole on a change, never proxied. */
import type { Ticket, TicketPatch, TicketRow } from '$shared/api/types';

class Tickets {
  rows = $state.raw<ReadonlyMap<string, TicketRow>>(new Map());

  get(id: string): TicketRow | undefined {
    return this.rows.get(id);
  }

  byNumber(number: number): TicketRow | undefined {
    for (const row of this.rows.values()) if (row.number === number) return row;
    return undefined;
  }

  /** Takes rows from the server; an older version of a row that is held is ignored. */
  put(arrived: readonly TicketRow[]): void {
    if (arrived.length === 0) return;
    const next = new Map(this.rows);
    for (const row of arrived) {
      const held = next.get(row.id);
      if (!held || newer(row, held)) next.set(row.id, row);
    }
    this.rows = next;
  }

  /** Shows a change before the server confirmed it; returns what puts the row back. */
  preview(id: string, change: Partial<TicketRow>): () => void {
    const before = this.rows.get(id);
    if (!before) return () => undefined;
    this.replace({ ...before, ...change });
    return () => {
      const now = this.rows.get(id);
      if (!now || now.version > before.version) return;
      const restored = Object.fromEntries(
        Object.keys(change).map((key) => [key, before[key as keyof TicketRow]]),
      );
      this.replace({ ...now, ...restored });
    };
  }

  private replace(row: TicketRow): void {
    this.rows = new Map(this.rows).set(row.id, row);
  }
}

function newer(row: TicketRow, held: TicketRow): boolean {
  return (
    row.version > held.version || (row.version === held.version && row.last_seq >= held.last_seq)
  );
}

/** The row of a whole ticket. */
export function rowOf(ticket: Ticket): TicketRow {
  return { ...ticket, contact: { id: ticket.contact.id, name: ticket.contact.name } };
}

/** What a patch makes of a row's fields. */
export function applied(row: TicketRow, patch: TicketPatch): Partial<TicketRow> {
  const { add_tags, remove_tags, version: _version, reason: _reason, ...fields } = patch;
  const change: Partial<TicketRow> = { ...fields };
  if (add_tags || remove_tags) {
    const tags = new Set([...(fields.tags ?? row.tags), ...(add_tags ?? [])]);
    for (const tag of remove_tags ?? []) tags.delete(tag);
    change.tags = [...tags];
  }
  return change;
}

/** The patch that puts back what `patch` changes, for a server that named none. */
export function reverse(row: TicketRow, patch: TicketPatch): TicketPatch {
  const change = applied(row, patch);
  return Object.fromEntries(
    Object.keys(change).map((key) => [key, row[key as keyof TicketRow]]),
  ) as TicketPatch;
}

export const tickets = new Tickets();
