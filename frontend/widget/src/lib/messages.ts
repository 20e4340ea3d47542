/** The interface's sentences: only the language in use is fetched. */
import type en from '../../../messages/widget/en.json';

type Key = keyof typeof en;
type Values = Record<string, string | number>;
type Catalogue = Record<Key, string>;

export const locales = ['en', 'he'] as const;
export type Locale = (typeof locales)[number];

const load: Record<Locale, () => Promise<{ default: Catalogue }>> = {
  en: () => import('../../../messages/widget/en.json'),
  he: () => import('../../../messages/widget/he.json'),
};

let sentences = {} as Catalogue;
let spoken: Locale = 'en';

/** Fetches a language; from then on every sentence is in it. */
export async function setLocale(locale: Locale): Promise<void> {
  sentences = (await load[locale]()).default;
  spoken = locale;
}

export function getLocale(): Locale {
  return spoken;
}

/** Called by its key, a sentence comes with its values filled in. */
export const m = new Proxy({} as Record<Key, (values?: Values) => string>, {
  get:
    (_, key: Key) =>
    (values: Values = {}) =>
      (sentences[key] ?? '').replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name])),
});
