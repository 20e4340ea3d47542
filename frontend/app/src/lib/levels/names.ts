/** What the parts of policies and routing are called. */
import { directory } from '$lib/stores/directory.svelte';
import { format } from '$lib/stores/format.svelte';
import { channelName } from '$lib/ui/channels';
import { m } from '$lib/words/app';
import { l, sayLevel, type LevelKey } from '$lib/words/levels';

export const LANGUAGES = ['en', 'nb', 'de', 'fr', 'es', 'he', 'ar', 'hu', 'ja', 'zh'] as const;
export const LEVELS = ['A1', 'A2', 'B1', 'B2', 'C1', 'C2', 'native'] as const;
export const CHANNELS = [
  'email',
  'webchat',
  'sms',
  'whatsapp',
  'messenger',
  'instagram',
  'telegram',
  'line',
  'open',
] as const;
export const STATUSES = ['pending', 'on_hold'] as const;
export const AUTHORS = ['agent', 'bot', 'auto_reply', 'note'] as const;

export const PRIORITY_NAMES: Record<string, () => string> = {
  urgent: m.priority_urgent,
  high: m.priority_high,
  normal: m.priority_normal,
  low: m.priority_low,
};
export const METRIC_NAMES: Record<string, () => string> = {
  first_response: l.first_response,
  next_response: l.next_response,
  update: l.update,
  resolution: l.resolution,
  team: l.team_clock,
};

/** A word of the catalogue whose key is made from a value; the value itself where there is none. */
export const wordFor = (kind: string, value: string): string =>
  sayLevel(`${kind}_${value}` as LevelKey) || value;

export interface Option {
  value: string;
  name: string;
}

export function optionsOf(field: string): Option[] {
  switch (field) {
    case 'inbox':
      return directory.inboxes.map((one) => ({ value: one.id, name: one.name }));
    case 'team':
      return teamOptions();
    case 'channel':
      return channelOptions();
    case 'language':
      return LANGUAGES.map((value) => ({ value, name: format.language(value) }));
    default:
      return Object.entries(PRIORITY_NAMES).map(([value, name]) => ({ value, name: name() }));
  }
}

export const teamOptions = (): Option[] =>
  directory.teams.map((one) => ({ value: one.id, name: one.name }));

export const channelOptions = (): Option[] =>
  CHANNELS.map((value) => ({ value, name: channelName(value) }));

/** A weekday's name; 0 is Monday. */
export const weekday = (index: number, width: 'short' | 'long' = 'short'): string =>
  new Intl.DateTimeFormat(document.documentElement.lang, {
    weekday: width,
    timeZone: 'UTC',
  }).format(Date.UTC(2024, 0, 1 + index));
