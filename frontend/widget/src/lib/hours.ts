/** Opening hours in the visitor's own zone: the desk's weekly calendar, moved and grouped. */
import type { WeekHours } from './types';

const MINUTE = 60_000;

/** One line of the table: ISO weekdays `from` to `to`, windows as instants of the coming week. */
export type HoursRow = { from: number; to: number; windows: [Date, Date][]; today: boolean };

type Civil = { year: number; month: number; day: number; minutes: number };

/** Date and time of day of an instant in a zone. */
function civilIn(zone: string, instant: number): Civil {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(instant);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return {
    year: value('year'),
    month: value('month'),
    day: value('day'),
    minutes: value('hour') * 60 + value('minute'),
  };
}

/** The instant of a local time. Twice, because the offset may differ at the first guess (DST). */
export function instantOf(zone: string, civil: Civil): number {
  const wall = Date.UTC(civil.year, civil.month - 1, civil.day) + civil.minutes * MINUTE;
  let guess = wall;
  for (let round = 0; round < 2; round += 1) {
    const there = civilIn(zone, guess);
    const shown = Date.UTC(there.year, there.month - 1, there.day) + there.minutes * MINUTE;
    guess += wall - shown;
  }
  return guess;
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

/** ISO weekday (1 is Monday) of a civil date. */
function weekdayOf(civil: Civil): number {
  return new Date(Date.UTC(civil.year, civil.month - 1, civil.day)).getUTCDay() || 7;
}

/** Every open window from yesterday to a week ahead, in order. */
export function windowsAround(hours: WeekHours, now: Date): [Date, Date][] {
  const windows: [Date, Date][] = [];
  const today = civilIn(hours.timezone, now.getTime());
  for (let ahead = -1; ahead <= 8; ahead += 1) {
    const civil = { ...today, day: today.day + ahead };
    const day = String(weekdayOf(civil) - 1);
    for (const [from, to] of hours.week[day] ?? []) {
      const start = minutesOf(from);
      const end = minutesOf(to);
      // A window that ends at or before its start runs past midnight.
      const length = end > start ? end - start : end + 1440 - start;
      const opens = instantOf(hours.timezone, { ...civil, minutes: start });
      const closes = instantOf(hours.timezone, { ...civil, minutes: start + length });
      windows.push([new Date(opens), new Date(closes)]);
    }
  }
  return windows.sort(([one], [other]) => one.getTime() - other.getTime());
}

/** Open or not by the calendar alone; the server knows holidays and has the last word. */
export function openAt(hours: WeekHours, now: Date): { open: boolean; until: Date | null } {
  if (Object.keys(hours.week).length === 0) return { open: true, until: null };
  const windows = windowsAround(hours, now);
  const current = windows.find(([opens, closes]) => opens <= now && now < closes);
  if (current) return { open: true, until: current[1] };
  return { open: false, until: windows.find(([opens]) => opens > now)?.[0] ?? null };
}

/** The week in the visitor's zone, Monday first, equal neighbours as one row; today stands alone. */
export function weekIn(hours: WeekHours, zone: string, now: Date): HoursRow[] {
  if (Object.keys(hours.week).length === 0) return [];
  const today = civilIn(zone, now.getTime());
  const todayNumber = weekdayOf(today);
  const days: HoursRow[] = [];
  for (let day = 1; day <= 7; day += 1) {
    const ahead = (day - todayNumber + 7) % 7;
    const starts = instantOf(zone, { ...today, day: today.day + ahead, minutes: 0 });
    const ends = instantOf(zone, { ...today, day: today.day + ahead + 1, minutes: 0 });
    const windows = windowsAround(hours, new Date(starts))
      .filter(([opens, closes]) => closes.getTime() > starts && opens.getTime() < ends)
      .map(([opens, closes]): [Date, Date] => [
        new Date(Math.max(opens.getTime(), starts)),
        new Date(Math.min(closes.getTime(), ends)),
      ]);
    days.push({ from: day, to: day, windows, today: ahead === 0 });
  }
  return grouped(days, zone);
}

function grouped(days: HoursRow[], zone: string): HoursRow[] {
  const key = (row: HoursRow) =>
    row.windows.map((pair) => pair.map((at) => civilIn(zone, at.getTime()).minutes)).join();
  const rows: HoursRow[] = [];
  for (const day of days) {
    const last = rows.at(-1);
    if (last && !last.today && !day.today && key(last) === key(day)) last.to = day.to;
    else rows.push({ ...day });
  }
  return rows;
}

/** The city part of a zone's name: `Europe/Oslo` is Oslo. */
export function cityOf(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}
