/** A week's windows as bars of minutes within each day, what runs overnight cut at midnight. */

export type Windows = [string, string][];

/** A time of day as it is typed ("9", "930", "9:30", "17.15"); null for anything else. */
export function wall(text: string): string | null {
  const found = /^(\d{1,2})(?:[:.]?(\d{2}))?$/.exec(text.trim());
  const [hour, minute] = [Number(found?.[1]), Number(found?.[2] ?? 0)];
  if (!found || hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

const minutes = (wall: string) => Number(wall.slice(0, 2)) * 60 + Number(wall.slice(3, 5));
const DAY = 1440;

export function barsOf(windows: Record<string, Windows>): [number, number][][] {
  const bars: [number, number][][] = Array.from({ length: 7 }, () => []);
  for (let day = 0; day < 7; day += 1)
    for (const [begin, end] of windows[String(day)] ?? []) {
      const from = minutes(begin);
      const to = minutes(end);
      if (to > from) bars[day]!.push([from, to]);
      else {
        bars[day]!.push([from, DAY]);
        if (to > 0) bars[(day + 1) % 7]!.push([0, to]);
      }
    }
  return bars.map((some) => some.sort(([a], [b]) => a - b));
}

/** Where spans of instants lie in [start, end), in percent of it. */
export function shares(
  spans: readonly (readonly unknown[])[],
  start: string,
  end: string,
): { from: number; size: number }[] {
  const first = Date.parse(start);
  const whole = Date.parse(end) - first;
  return spans.map(([a, b]) => {
    const from = (Date.parse(String(a)) - first) / whole;
    return { from: from * 100, size: ((Date.parse(String(b)) - first) / whole - from) * 100 };
  });
}
