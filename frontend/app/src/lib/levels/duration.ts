/** Durations as people type them ("1h 30m") and as the server keeps them (ISO 8601). */

const ISO = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/;
const TYPED = /^(?:(\d+(?:[.,]\d+)?)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?$/i;

/** Minutes of an ISO 8601 duration; null when it is none. */
export function minutesOf(iso: string | null | undefined): number | null {
  const found = ISO.exec(iso ?? '');
  if (!found) return null;
  const [days, hours, minutes, seconds] = found.slice(2).map((part) => Number(part ?? 0));
  const all = days! * 1440 + hours! * 60 + minutes! + seconds! / 60;
  return found[1] ? -all : all;
}

/** `90` becomes "1h 30m". */
export function typed(minutes: number | null): string {
  if (minutes === null) return '';
  const all = Math.round(Math.abs(minutes));
  const parts = [all >= 60 && `${Math.floor(all / 60)}h`, all % 60 && `${all % 60}m`];
  return parts.filter(Boolean).join(' ') || '0m';
}

/** Minutes of what was typed: "1h 30m", "45m", "1.5h", or hours alone; null for anything else. */
export function minutesTyped(text: string): number | null {
  const plain = text.trim();
  if (/^\d+([.,]\d+)?$/.test(plain)) return Math.round(Number(plain.replace(',', '.')) * 60);
  const found = TYPED.exec(plain);
  if (!plain || !found) return null;
  const hours = Number((found[1] ?? '0').replace(',', '.'));
  return Math.round(hours * 60) + Number(found[2] ?? 0);
}

export const isoOf = (minutes: number): string =>
  `${minutes < 0 ? '-' : ''}PT${Math.abs(Math.round(minutes))}M`;
