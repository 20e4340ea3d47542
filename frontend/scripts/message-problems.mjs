// What is wrong with a folder of message catalogues: every locale must hold the same keys with
// the same placeholders, and the sources may only use keys that exist.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const USE = /\bm\.([a-z0-9_]+)\b/g;
const PLACEHOLDER = /\{([a-zA-Z0-9_]+)\}/g;

/** Lines naming each missing key, differing placeholder, or unknown key used in the sources. */
export function problemsOf(folder, sourceFolders) {
  const catalogues = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [
        basename(name, '.json'),
        JSON.parse(readFileSync(join(folder, name), 'utf8')),
      ]),
  );
  const base = catalogues.get('en');
  const problems = [];
  for (const [locale, messages] of catalogues) {
    for (const key of Object.keys(base)) {
      if (!(key in messages)) problems.push(`${locale}.json: missing "${key}"`);
      else if (placeholders(base[key]) !== placeholders(messages[key]))
        problems.push(`${locale}.json: "${key}" has other placeholders than en.json`);
      else if (isEmpty(messages[key])) problems.push(`${locale}.json: "${key}" is empty`);
    }
    for (const key of Object.keys(messages))
      if (!(key in base)) problems.push(`${locale}.json: "${key}" is not in en.json`);
  }
  for (const file of sourceFolders.flatMap(sourceFiles))
    for (const [, key] of readFileSync(file, 'utf8').matchAll(USE))
      if (!(key in base)) problems.push(`${basename(file)} uses the unknown key "${key}"`);
  return problems;
}

function isEmpty(message) {
  return typeof message === 'string' && message.trim() === '';
}

function placeholders(message) {
  const text = typeof message === 'string' ? message : JSON.stringify(message.map((v) => v.match));
  const names = new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => name));
  if (typeof message !== 'string')
    return JSON.stringify(
      message.map((variant) => variant.declarations.filter((d) => d.startsWith('input'))),
    );
  return [...names].sort().join(',');
}

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(svelte|ts)$/.test(entry.name))
    .filter((entry) => !entry.parentPath.includes('paraglide'))
    .map((entry) => join(entry.parentPath, entry.name));
}
