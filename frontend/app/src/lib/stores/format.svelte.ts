/** Dates, times and durations in the interface's language and the agent's time zone. */
import { m } from '$lib/words/app';
import { spanOf } from '../logic/sla';
import { look } from './look.svelte';
import { session } from './session.svelte';

const TAGS: Record<string, string> = { en: 'en-GB', he: 'he-IL' };

class Format {
  private readonly tag = $derived(TAGS[look.locale] ?? look.locale);
  readonly zone = $derived(validZone(session.agent?.timezone));
  private readonly clock = $derived(
    this.build({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  );
  private readonly long = $derived(this.build({ weekday: 'long', day: 'numeric', month: 'long' }));
  private readonly short = $derived(this.build({ day: 'numeric', month: 'short' }));
  private readonly full = $derived(this.build({ day: 'numeric', month: 'short', year: 'numeric' }));
  private readonly weekday = $derived(
    this.build({
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }),
  );
  private readonly key = $derived(
    new Intl.DateTimeFormat('en-CA', {
      timeZone: this.zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    }),
  );

  time = (iso: string) => this.clock.format(new Date(iso));
  date = (iso: string) => this.full.format(new Date(iso));
  moment = (iso: string | Date) => this.weekday.format(new Date(iso));
  dayKey = (iso: string | number) => this.key.format(new Date(iso));

  /** Today, Yesterday, or the day's name. */
  day(iso: string, now: number): string {
    const key = this.dayKey(iso);
    if (key === this.dayKey(now)) return m.today();
    if (key === this.dayKey(now - 86_400_000)) return m.yesterday();
    return key.slice(0, 4) === this.dayKey(now).slice(0, 4)
      ? this.long.format(new Date(iso))
      : this.full.format(new Date(iso));
  }

  /** The time today, the date before. */
  brief(iso: string, now: number): string {
    return this.dayKey(iso) === this.dayKey(now)
      ? this.time(iso)
      : this.short.format(new Date(iso));
  }

  /** The time somewhere else; null when the zone is not known. */
  timeIn(zone: string | null, now: number): string | null {
    if (!zone) return null;
    try {
      return new Intl.DateTimeFormat(this.tag, {
        timeZone: zone,
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      }).format(now);
    } catch {
      return null;
    }
  }

  /** A number as the interface's language writes it. */
  number(value: number): string {
    return value.toLocaleString(this.tag);
  }

  language(tag: string): string {
    try {
      return new Intl.DisplayNames([this.tag], { type: 'language' }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  }

  span(ms: number): string {
    const units = { d: m.unit_d, h: m.unit_h, m: m.unit_m, s: m.unit_s };
    const { sign, parts } = spanOf(ms);
    return sign + parts.map(({ unit, value }) => units[unit]({ n: value })).join(' ');
  }

  private build(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.tag, { timeZone: this.zone, ...options });
  }
}

function validZone(zone: string | undefined): string | undefined {
  if (!zone) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

export const format = new Format();
