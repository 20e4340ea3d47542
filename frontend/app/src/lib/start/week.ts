/** How a country's week goes: weekdays in its order, and those that people work on. 0 is Monday. */
export type Week = { order: number[]; workdays: number[] };

type WeekInfo = { firstDay: number; weekend: number[] };
type Region = Intl.Locale & { getWeekInfo?(): WeekInfo; weekInfo?: WeekInfo };

const MONDAY_FIRST: WeekInfo = { firstDay: 1, weekend: [6, 7] };

/** Of a language tag; a browser that does not know has its week begin on Monday. */
export function weekOf(tag: string): Week {
  const region: Region = new Intl.Locale(tag).maximize();
  const { firstDay, weekend } = region.getWeekInfo?.() ?? region.weekInfo ?? MONDAY_FIRST;
  const order = Array.from({ length: 7 }, (_, index) => (firstDay - 1 + index) % 7);
  return { order, workdays: order.filter((day) => !weekend.includes(day + 1)).sort() };
}

/** The browser's own tag where it is in the interface's language: it knows the country. */
export function tagOf(locale: string, browser: string): string {
  return browser.split('-')[0] === locale.split('-')[0] ? browser : locale;
}
