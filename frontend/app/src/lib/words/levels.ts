/** The sentences of service levels: policies, calendars, routing, schedules, and their reasons. */
import type en from '../../../../messages/levels/en.json';
import { catalogue } from './catalogue.svelte';

export type LevelKey = keyof typeof en;

export const {
  m: l,
  say: sayLevel,
  fetch: fetchLevels,
} = catalogue<LevelKey>(
  import.meta.glob('../../../../messages/levels/*.json', { import: 'default' }),
);
