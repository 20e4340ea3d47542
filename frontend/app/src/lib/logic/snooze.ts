/** Natural language for snoozing, English and Hebrew: `3h`, `tomorrow 8`, `mon 9`, `מחר 8`. */

const WEEKDAYS: readonly (readonly string[])[] = [
  ['sun', 'sunday', 'ראשון'],
  ['mon', 'monday', 'שני'],
  ['tue', 'tuesday', 'שלישי'],
  ['wed', 'wednesday', 'רביעי'],
  ['thu', 'thursday', 'חמישי'],
  ['fri', 'friday', 'שישי'],
  ['sat', 'saturday', 'שבת'],
];
const MORNING = 9;
const EVENING = 18;
const UNITS: Record<string, number> = {
  m: 60_000,
  min: 60_000,
  minutes: 60_000,
  minute: 60_000,
  דקות: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  שעות: 3_600_000,
  שעה: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  ימים: 86_400_000,
  יום: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
  שבועות: 604_800_000,
  שבוע: 604_800_000,
};

/** When the words mean on the clock of `zone` (the browser's own when undefined); null when nothing. */
export function snoozeIn(input: string, now: Date, zone: string | undefined): Date | null {
  const wall = parseSnooze(input, new Date(now.getTime() + ahead(zone, now)));
  if (!wall) return null;
  const guess = new Date(wall.getTime() - ahead(zone, now));
  // Summer time may begin or end in between.
  return new Date(wall.getTime() - ahead(zone, guess));
}

/** How far the clock of `zone` is ahead of the browser's, in ms. */
function ahead(zone: string | undefined, at: Date): number {
  if (!zone) return 0;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const wall = new Date(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
    at.getMilliseconds(),
  );
  return wall.getTime() - at.getTime();
}

/** When the words mean, in the browser's zone, seen from `now`; null when they say nothing. */
export function parseSnooze(input: string, now: Date): Date | null {
  const text = input
    .trim()
    .toLowerCase()
    .replace(/^(in|until|till|עוד|בעוד|עד)\s+/, '')
    .replace(/^יום\s+/, '');
  if (text === '') return null;
  const span = /^(\d{1,3})\s*([a-zא-ת]+)$/.exec(text);
  const unit = UNITS[span?.[2] ?? ''];
  if (span && unit) return new Date(now.getTime() + Number(span[1]) * unit);
  const parts =
    /^([a-zא-ת]+(?:\s+[a-zא-ת]+)?)?\s*(?:at\s+|ב-?)?(\d{1,2})?(?::(\d{2}))?\s*(am|pm)?$/.exec(text);
  if (!parts) return null;
  const hour = hourOf(parts[2], parts[4]);
  if (hour === null) return null;
  const minute = Number(parts[3] ?? 0);
  if (minute > 59) return null;
  const day = dayOf(parts[1]?.trim() ?? '', now, hour === undefined);
  if (!day) return null;
  day.date.setHours(hour ?? day.hour, minute, 0, 0);
  if (day.date <= now) day.date.setDate(day.date.getDate() + day.step);
  return day.date;
}

function hourOf(text: string | undefined, half: string | undefined): number | null | undefined {
  if (text === undefined) return half ? null : undefined;
  const value = Number(text);
  if (half === 'pm' && value < 12) return value + 12;
  if (half === 'am' && value === 12) return 0;
  return value > 23 ? null : value;
}

function dayOf(
  word: string,
  now: Date,
  needsWord: boolean,
): { date: Date; hour: number; step: number } | null {
  const date = new Date(now);
  if (word === '') return needsWord ? null : { date, hour: MORNING, step: 1 };
  if (['today', 'היום'].includes(word)) return { date, hour: EVENING, step: 1 };
  if (['tonight', 'evening', 'הערב'].includes(word)) return { date, hour: EVENING, step: 1 };
  if (['tomorrow', 'tom', 'מחר'].includes(word)) {
    date.setDate(date.getDate() + 1);
    return { date, hour: MORNING, step: 1 };
  }
  if (['next week', 'weekend', 'after weekend', 'שבוע הבא'].includes(word)) {
    date.setDate(date.getDate() + ((8 - date.getDay()) % 7 || 7));
    return { date, hour: MORNING, step: 7 };
  }
  const name = word.replace(/^next\s+/, '');
  const weekday = WEEKDAYS.findIndex((names) => names.includes(name));
  if (weekday < 0) return null;
  date.setDate(date.getDate() + ((weekday - date.getDay() + 7) % 7));
  return { date, hour: MORNING, step: 7 };
}
