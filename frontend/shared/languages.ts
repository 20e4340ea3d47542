/** What languages are called. */

const own = new Map<string, string>();

/** A language's name in that language, with a capital as it stands in a list: `English`, `עברית`. */
export function ownName(locale: string): string {
  const known = own.get(locale);
  if (known !== undefined) return known;
  const name = new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale;
  const titled = name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  own.set(locale, titled);
  return titled;
}
