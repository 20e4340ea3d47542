/** The sentences of the first run and of the page behind an invitation. */
import type en from '../../../../messages/start/en.json';
import { catalogue } from './catalogue.svelte';

export type StartWord = keyof typeof en;

const words = catalogue<StartWord>(
  import.meta.glob('../../../../messages/start/*.json', { import: 'default' }),
);

export const { say: t, fetch: fetchStart } = words;
