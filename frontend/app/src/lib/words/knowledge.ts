/** The sentences of the knowledge base's pages. */
import type en from '../../../../messages/knowledge/en.json';
import { catalogue } from './catalogue.svelte';

export type Word = keyof typeof en;

const words = catalogue<Word>(
  import.meta.glob('../../../../messages/knowledge/*.json', { import: 'default' }),
);

export const { say: w, fetch: fetchWords } = words;
