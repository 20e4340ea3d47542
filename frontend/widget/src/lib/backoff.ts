/** The pause before try number `attempt` (from 1), in milliseconds: doubling to 30 s, with jitter. */
export function delayOf(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(30_000, 1000 * 2 ** (attempt - 1));
  return Math.round(full * (0.75 + random() * 0.5));
}
