/**
 * Sentences in the interface's language. Each area of the app has a catalogue of its own
 * (`frontend/messages/<area>/<locale>.json`), fetched with its first page, one language at a time;
 * a build fails where a key or a placeholder is missing (`scripts/check-messages.mjs`).
 */

/** A sentence, or one for each plural category of the language, chosen by `count`. */
export type Sentence = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Values = Record<string, string | number>;

type Sentences<Key extends string> = Record<Key, Sentence>;
type Loaders = Record<string, () => Promise<unknown>>;

export interface Catalogue<Key extends string> {
  /** A function for each sentence: `m.greeting({ name })`. */
  readonly m: { readonly [K in Key]: (values?: Values) => string };
  /** The same by name, for keys that are only known at run time. */
  say(key: Key, values?: Values): string;
  /** Fetches the sentences of the interface's language; whoever has read one reads it again. */
  fetch(): Promise<void>;
  /** Whether there are sentences to read. */
  readonly ready: boolean;
}

const open: { fetch(): Promise<void> }[] = [];
let locale = 'en';

/** Makes `tag` the interface's language and fetches it for every catalogue that is in use. */
export async function speak(tag: string): Promise<void> {
  locale = tag;
  await Promise.all(open.map((one) => one.fetch()));
}

/** The locale of a catalogue's file: `messages/app/he.json` is in `he`. */
export function localeOf(path: string): string {
  return /([\w-]+)\.json$/.exec(path)?.[1] ?? '';
}

/** Puts the values into a sentence's `{name}` placeholders; `count` also chooses the plural. */
export function filled(sentence: Sentence, values: Values, tag: string): string {
  const { count } = values;
  const text =
    typeof sentence === 'string'
      ? sentence
      : (sentence[new Intl.PluralRules(tag).select(Number(count))] ?? sentence.other ?? '');
  return text.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'count' && typeof count === 'number'
      ? count.toLocaleString(tag)
      : String(values[name] ?? ''),
  );
}

/** A catalogue over its files, as `import.meta.glob` lists them. */
export function catalogue<Key extends string>(files: Loaders): Catalogue<Key> {
  const loaders = new Map(Object.entries(files).map(([path, load]) => [localeOf(path), load]));
  let spoken = $state.raw<{ tag: string; sentences: Sentences<Key> } | null>(null);
  const say = (key: Key, values: Values = {}) =>
    spoken ? filled(spoken.sentences[key] ?? '', values, spoken.tag) : '';
  const fetch = async () => {
    if (!open.includes(made)) open.push(made);
    const tag = loaders.has(locale) ? locale : 'en';
    if (spoken?.tag === tag) return;
    const sentences = (await loaders.get(tag)?.()) as Sentences<Key>;
    // Another language may have been asked for meanwhile.
    if (tag === locale || !loaders.has(locale)) spoken = { tag, sentences };
  };
  const functions: Record<string, (values?: Values) => string> = {};
  const made: Catalogue<Key> = {
    m: new Proxy(functions, {
      get: (_, key: string) => (functions[key] ??= (values) => say(key as Key, values)),
    }) as Catalogue<Key>['m'],
    say,
    fetch,
    get ready() {
      return spoken !== null;
    },
  };
  return made;
}
