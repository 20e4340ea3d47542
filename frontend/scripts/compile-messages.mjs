// Compiles the message catalogues to typed functions, after checking that no key is missing.
// Usage: node scripts/compile-messages.mjs [app|widget]
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '@inlang/paraglide-js';
import { problemsOf } from './message-problems.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const only = process.argv[2];

// The knowledge base's pages belong to the app and fetch their catalogue as it is.
const parts =
  only === 'app' ? ['knowledge', 'app'] : only ? [only] : ['knowledge', 'app', 'widget'];

for (const part of parts) {
  const sources = join(root, part, 'src');
  const problems = problemsOf(join(root, 'messages', part), existsSync(sources) ? [sources] : []);
  if (problems.length > 0) {
    console.error(problems.map((line) => `messages/${part}: ${line}`).join('\n'));
    process.exit(1);
  }
  // The widget fetches its catalogues as they are, and so do the knowledge base's pages.
  if (part !== 'app') continue;
  await compile({
    project: join(root, 'i18n', `${part}.inlang`),
    outdir: join(root, part, 'src', 'paraglide'),
    strategy: ['globalVariable', 'baseLocale'],
    outputStructure: 'locale-modules',
    emitTsDeclarations: true,
    emitGitIgnore: true,
    emitPrettierIgnore: true,
    emitReadme: false,
  });
  // A plugin that did not load only warns and compiles nothing.
  const folder = join(root, part, 'src', 'paraglide', 'messages');
  if (!readFileSync(join(folder, 'en.js'), 'utf8').includes('export')) {
    console.error(`messages/${part}: nothing was compiled`);
    process.exit(1);
  }
  oneLanguageAtATime(folder);
}

/**
 * The compiler's own index holds every language: ten of them would triple the first load. This one
 * fetches the catalogue in use as it is; the types stay the compiler's.
 */
function oneLanguageAtATime(folder) {
  const catalogues = join(root, 'messages', 'app');
  const names = readdirSync(catalogues).filter((name) => name.endsWith('.json'));
  for (const name of names) {
    const messages = JSON.parse(readFileSync(join(catalogues, name), 'utf8'));
    const variants = Object.keys(messages).filter((key) => typeof messages[key] !== 'string');
    if (variants.length > 0) {
      console.error(`messages/app/${name}: only plain sentences are read: ${variants.join(', ')}`);
      process.exit(1);
    }
  }
  writeFileSync(
    join(folder, '_index.js'),
    `import { getLocale } from '../runtime.js'
const load = {
${names.map((name) => `  ${JSON.stringify(name.replace('.json', ''))}: () => import('../../../../messages/app/${name}'),`).join('\n')}
}
const written = {}
let spoken = {}
export async function fetchMessages(locale) {
  spoken = (await load[locale]()).default
}
const filled = (sentence, values) =>
  sentence.replace(/\\{(\\w+)\\}/g, (_, name) => String(values[name]))
// getLocale() makes whoever reads a sentence read it again when the language changes.
export const m = new Proxy(written, {
  get: (_, key) =>
    (written[key] ??= (values = {}) => (getLocale(), filled(spoken[key] ?? '', values))),
})
`,
  );
  writeFileSync(
    join(folder, '..', 'messages.js'),
    "export { fetchMessages, m } from './messages/_index.js'\n",
  );
  writeFileSync(
    join(folder, '..', 'messages.d.ts'),
    `import type { Locale } from './runtime.js';
export * as m from './messages/_index.js';
/** Fetches a language's sentences; from then on every message is in it. */
export declare function fetchMessages(locale: Locale): Promise<void>;
`,
  );
}

// The compiler's project store keeps timers running for half a minute after it is done.
process.exit(0);
