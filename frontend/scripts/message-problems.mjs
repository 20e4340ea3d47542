// What is wrong with a folder of message catalogues: every locale must hold the same keys with
// the same placeholders and every plural its language has, and the sources may only use keys that
// exist, with their placeholders filled in.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const PLACEHOLDER = /\{([a-zA-Z0-9_]+)\}/g;

/**
 * Lines naming each missing key, differing placeholder, or unknown key used in the sources, which
 * call a sentence as `name.key(values)`.
 */
export function problemsOf(folder, sourceFolders, name = 'm') {
  const catalogues = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [
        basename(file, '.json'),
        JSON.parse(readFileSync(join(folder, file), 'utf8')),
      ]),
  );
  const base = catalogues.get('en');
  const problems = [];
  for (const [locale, messages] of catalogues) {
    for (const key of Object.keys(base)) {
      if (!(key in messages)) problems.push(`${locale}.json: missing "${key}"`);
      else problems.push(...wrongWith(messages[key], base[key], key, locale));
    }
    for (const key of Object.keys(messages))
      if (!(key in base)) problems.push(`${locale}.json: "${key}" is not in en.json`);
  }
  const imported = new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from`);
  const use = new RegExp(`(?<![\\w.$])${name}\\.([a-z0-9_]+)\\b(\\()?`, 'g');
  for (const file of sourceFolders.flatMap(sourceFiles)) {
    const source = readFileSync(file, 'utf8');
    if (!imported.test(source)) continue;
    for (const match of source.matchAll(use)) {
      const [whole, key, called] = match;
      if (!(key in base)) problems.push(`${basename(file)} uses the unknown key "${key}"`);
      else if (called) {
        const given = argumentsAt(source, match.index + whole.length);
        for (const value of placeholders(base[key]))
          if (!new RegExp(`\\b${value}\\b|^\\s*\\w+\\s*$|\\.\\.\\.`).test(given))
            problems.push(`${basename(file)} uses "${key}" without {${value}}`);
      }
    }
  }
  return problems;
}

function wrongWith(message, original, key, locale) {
  const problems = [];
  const texts = typeof message === 'string' ? [message] : Object.values(message);
  if (texts.some((text) => text.trim() === '')) problems.push(`${locale}.json: "${key}" is empty`);
  const wanted = placeholders(original);
  const given = placeholders(message);
  if ([...wanted].some((one) => !given.has(one)) || [...given].some((one) => !wanted.has(one)))
    problems.push(`${locale}.json: "${key}" has other placeholders than en.json`);
  if (typeof message !== 'string') {
    const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const category of categories)
      // A category that only fractions fall into may be left out.
      if (!(category in message) && !fractionsOnly(locale, category))
        problems.push(`${locale}.json: "${key}" has no plural "${category}"`);
  }
  return problems;
}

function fractionsOnly(locale, category) {
  const rules = new Intl.PluralRules(locale);
  for (let number = 0; number <= 1000; number += 1)
    if (rules.select(number) === category) return false;
  return true;
}

/** The names of all placeholders of a sentence, of all its plurals together. */
function placeholders(message) {
  const text = typeof message === 'string' ? message : Object.values(message).join(' ');
  return new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => name));
}

/** What stands between a call's brackets. */
function argumentsAt(source, start) {
  let depth = 1;
  let end = start;
  for (; end < source.length && depth > 0; end += 1) {
    if ('([{'.includes(source[end])) depth += 1;
    else if (')]}'.includes(source[end])) depth -= 1;
  }
  return source.slice(start, end - 1);
}

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(svelte|ts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
