/** The sentences of the bot's pages. */
import type en from '../../../../messages/bot/en.json';
import { catalogue } from './catalogue.svelte';

export type BotWord = keyof typeof en;

export const {
  m: b,
  say: sayBot,
  fetch: fetchBot,
} = catalogue<BotWord>(import.meta.glob('../../../../messages/bot/*.json', { import: 'default' }));
