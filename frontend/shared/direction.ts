/** Text direction of the interface: which locales run right to left, and setting it on a document. */

const RTL_LANGUAGES = new Set(['ar', 'dv', 'fa', 'he', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

export type Direction = 'ltr' | 'rtl';

/** Direction of a BCP 47 tag, by its primary language subtag. */
export function directionOf(locale: string): Direction {
  const language = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  return RTL_LANGUAGES.has(language) ? 'rtl' : 'ltr';
}

/** Marks a root element with the locale and its direction. */
export function applyLocale(root: HTMLElement, locale: string): void {
  root.lang = locale;
  root.dir = directionOf(locale);
}
