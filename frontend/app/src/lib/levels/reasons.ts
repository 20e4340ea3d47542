/** Why routing decided as it did, in the reader's language, from each reason's key and values. */
import { directory } from '$lib/stores/directory.svelte';
import { format } from '$lib/stores/format.svelte';
import { channelName } from '$lib/ui/channels';
import { l, sayLevel, type LevelKey } from '$lib/words/levels';
import { wordFor } from './names';

export interface Reason {
  key: string;
  text: string;
  params?: Record<string, unknown>;
}
type Values = Record<string, string | number>;

const SPAN = /^(-)?(?:(\d+) d)? ?(?:(\d+) h)? ?(?:(\d+) min)?$/;

/** "2 h 05 min" as the engine writes it, in milliseconds. */
export function spanMs(text: string): number | null {
  const found = text ? SPAN.exec(text) : null;
  if (!found) return null;
  const [d, h, min] = found.slice(2).map((part) => Number(part ?? 0));
  return (found[1] ? -1 : 1) * ((d! * 24 + h!) * 60 + min!) * 60_000;
}

const list = (some: unknown): string =>
  new Intl.ListFormat(document.documentElement.lang || 'en', { type: 'unit' }).format(
    Array.isArray(some) ? some.map(String) : [],
  );

function valueOf(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  switch (name) {
    case 'team':
      return directory.team(text)?.name ?? l.its_team();
    case 'language':
      return text ? format.language(text) : '';
    case 'channel':
      return channelName(text);
    case 'level':
      return wordFor('level', text);
    case 'relaxed':
      return list(Array.isArray(value) ? value.map((one) => wordFor('relax', String(one))) : []);
    case 'counts':
      return list(
        Object.entries((value ?? {}) as Record<string, number>).map(([code, count]) =>
          l.left_out_count({ count, why: wordFor('out_short', code) }),
        ),
      );
    case 'left':
    case 'pace':
    case 'waited': {
      const ms = spanMs(text);
      return ms === null ? text : format.span(ms);
    }
    default:
      return text;
  }
}

/** The sentence of a reason; the engine's own where its key is not known here. */
export function reasonText(reason: Reason): string {
  const params = reason.params ?? {};
  const values: Values = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, valueOf(name, value)]),
  );
  const points = Math.round(Number(params.points ?? 0));
  const key = `because_${keyOf(reason.key, params)}` as LevelKey;
  const said = sayLevel(key, values);
  if (!said) return reason.text;
  return points > 0 ? `${said} (+${points})` : said;
}

function keyOf(key: string, params: Record<string, unknown>): string {
  const plain = key.replace('routing.', '').replaceAll('.', '_');
  if (plain === 'language' && !params.level) return 'language_translated';
  if (plain === 'sticky' && params.when === 'before') return 'sticky_before';
  if (plain === 'slack' && !('left' in params)) return 'pace';
  if (plain === 'turn' && !params.waited) return 'turn_first';
  if (plain === 'overflow' && JSON.stringify(params.relaxed) === '["team"]') return 'overflow_team';
  if (plain === 'nobody' && Object.keys(params.counts ?? {}).length === 0) return 'nobody_at_all';
  return plain;
}

/** What a routing decision says of itself: who, and the first reasons; the server's text otherwise. */
export function routingText(data: Record<string, unknown>, fallback: string): string {
  const reasons = (data.reasons ?? []) as Reason[];
  const agent = String((data.params as Record<string, unknown> | undefined)?.agent ?? '');
  if (!agent) return reasons.length > 0 ? reasons.map(reasonText).join(' · ') : fallback;
  const because = reasons.slice(0, 5).map(reasonText).join(' · ');
  return [l.gets_it({ agent }), because].filter(Boolean).join(' ');
}
