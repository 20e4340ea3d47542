/** Recycled rows of one height: which item each slot shows for a scroll position. */

export type Slot = { slot: number; index: number };

/** Slots for the rows in view plus `overscan` on both sides. A slot keeps its item while in view. */
export function slotsOf(
  scrollTop: number,
  viewport: number,
  rowHeight: number,
  count: number,
  overscan = 4,
): Slot[] {
  if (count === 0 || rowHeight <= 0) return [];
  const visible = Math.ceil(viewport / rowHeight) + 1;
  const total = Math.min(count, visible + 2 * overscan);
  const wanted = Math.floor(scrollTop / rowHeight) - overscan;
  const first = Math.max(0, Math.min(wanted, count - total));
  return Array.from({ length: total }, (_, slot) => ({
    slot,
    index: first + mod(slot - first, total),
  }));
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Where to scroll so that a row is wholly in view; the same position when it is already. */
export function scrollToShow(
  index: number,
  scrollTop: number,
  viewport: number,
  rowHeight: number,
): number {
  const start = index * rowHeight;
  if (start < scrollTop) return start;
  return Math.max(scrollTop, start + rowHeight - viewport);
}
