/** The sentences of the board and of the settings' pages. */
import type en from '../../../../messages/settings/en.json';
import { catalogue } from './catalogue.svelte';

export const {
  m: s,
  say: saySetting,
  fetch: fetchSettings,
} = catalogue<keyof typeof en>(
  import.meta.glob('../../../../messages/settings/*.json', { import: 'default' }),
);
