/** Gapless delivery: decides, for events numbered over the whole desk, what to apply and when to ask again. */

export type Numbered = { seq: number };

export type Step<T> = {
  /** New events, ascending and without a hole; apply them in this order. */
  apply: T[];
  lastSeq: number;
  /** Whether events before one that arrived are missing. */
  gap: boolean;
};

/** Takes what arrived after `lastSeq`. What follows a hole is dropped: resuming brings it again. */
export function reconcile<T extends Numbered>(lastSeq: number, arrived: readonly T[]): Step<T> {
  const apply: T[] = [];
  let last = lastSeq;
  for (const item of [...arrived].sort((a, b) => a.seq - b.seq)) {
    if (item.seq <= last) continue;
    if (item.seq > last + 1) return { apply, lastSeq: last, gap: true };
    apply.push(item);
    last = item.seq;
  }
  return { apply, lastSeq: last, gap: false };
}

type Placed = { id: string; seq: number; client_id: string | null; occurred_at: string };

/** Messages of one ticket in the order they were written; a later version of the same one wins. */
export function mergeMessages<T extends Placed>(held: readonly T[], arrived: readonly T[]): T[] {
  if (arrived.length === 0) return [...held];
  const byId = new Map(held.map((message) => [message.id, message]));
  for (const message of arrived) {
    if (message.client_id) byId.delete(`local:${message.client_id}`);
    byId.set(message.id, message);
  }
  return [...byId.values()].sort(
    (a, b) => Date.parse(a.occurred_at) - Date.parse(b.occurred_at) || a.seq - b.seq,
  );
}
