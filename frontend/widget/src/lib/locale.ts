/** Which language the widget speaks, and how it writes dates and times. */
import { applyLocale } from '$shared/direction';
import { getLocale, locales, m, setLocale, type Locale } from './messages';

/** The first wish that both the widget and the inbox speak, by its language. */
export function chooseLocale(
  wishes: readonly (string | null | undefined)[],
  offered: readonly string[],
): Locale {
  const able = spoken(offered);
  for (const wish of wishes) {
    const language = wish?.toLowerCase().split(/[-_]/)[0];
    const match = able.find((locale) => locale === language);
    if (match) return match;
  }
  return able[0] ?? 'en';
}

/** The widget's languages that the inbox offers. */
export function spoken(offered: readonly string[]): Locale[] {
  const languages = offered.map((locale) => locale.toLowerCase().split(/[-_]/)[0]);
  return locales.filter((locale) => languages.includes(locale));
}

export async function speak(locale: Locale): Promise<void> {
  await setLocale(locale);
  applyLocale(document.documentElement, locale);
  document.title = m.widget_name();
}

/** The visitor's own regional variant where it is the same language: en-US keeps its 12 hours. */
function regional(): string {
  const locale = getLocale();
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(locale)) ?? locale;
}

export function timeOf(at: string | Date): string {
  return new Intl.DateTimeFormat(regional(), { hour: '2-digit', minute: '2-digit' }).format(
    new Date(at),
  );
}

export function dateOf(at: string | Date): string {
  return new Intl.DateTimeFormat(regional(), { day: 'numeric', month: 'short' }).format(
    new Date(at),
  );
}

/** Today and yesterday by name, then the weekday, then the date. */
export function dayOf(at: string | Date, now: Date = new Date()): string {
  const date = new Date(at);
  const days = daysBetween(date, now);
  if (days === 0) return m.today();
  if (days === 1) return m.yesterday();
  const recent = days > 0 && days < 7;
  return new Intl.DateTimeFormat(
    regional(),
    recent ? { weekday: 'long' } : { day: 'numeric', month: 'long' },
  ).format(date);
}

/** A time today, a date before. */
export function momentOf(at: string | Date, now: Date = new Date()): string {
  return daysBetween(new Date(at), now) === 0 ? timeOf(at) : dateOf(at);
}

export function daysBetween(one: Date, other: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(other) - midnight(one)) / 86_400_000);
}

/** The name of an ISO weekday (1 is Monday). */
export function weekdayName(day: number): string {
  // 1 January 2024 was a Monday.
  return new Intl.DateTimeFormat(regional(), { weekday: 'long', timeZone: 'UTC' }).format(
    Date.UTC(2024, 0, day),
  );
}

/** The weekday and the time of an instant, the weekday left out for today. */
export function openingOf(at: Date): string {
  const days = daysBetween(new Date(), at);
  if (days === 0) return m.back_today({ time: timeOf(at) });
  if (days === 1) return m.back_tomorrow({ time: timeOf(at) });
  const day = new Intl.DateTimeFormat(regional(), { weekday: 'long' }).format(at);
  return m.back_on({ day, time: timeOf(at) });
}

/** A size in the nearest unit, such as `2.4 MB`. */
export function sizeOf(bytes: number): string {
  const large = bytes >= 1_000_000;
  return new Intl.NumberFormat(regional(), {
    style: 'unit',
    unit: large ? 'megabyte' : 'kilobyte',
    maximumFractionDigits: large ? 1 : 0,
  }).format(large ? bytes / 1_000_000 : Math.max(1, bytes / 1000));
}
