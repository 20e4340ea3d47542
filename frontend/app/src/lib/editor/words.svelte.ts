/**
 * The sentences of the knowledge base's pages: a catalogue of its own, fetched with the first of
 * them, so that the inbox does not carry it.
 */
import type en from '../../../../messages/knowledge/en.json';
import { look } from '../stores/look.svelte';

export type Word = keyof typeof en;
type Catalogue = Record<Word, string>;

const catalogues: Record<string, () => Promise<{ default: Catalogue }>> = {
  en: () => import('../../../../messages/knowledge/en.json'),
  he: () => import('../../../../messages/knowledge/he.json'),
};
let spoken = $state.raw<{ locale: string; sentences: Catalogue } | null>(null);

/** Fetches the sentences of the interface's language; English where there is no catalogue. */
export async function fetchWords(): Promise<void> {
  const { locale } = look;
  if (spoken?.locale === locale) return;
  const load = catalogues[locale] ?? catalogues.en;
  if (load) spoken = { locale, sentences: (await load()).default };
}

/** A sentence, its `{name}` placeholders filled in. */
export function w(key: Word, values: Record<string, string | number> = {}): string {
  const sentence = spoken?.sentences[key] ?? '';
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
