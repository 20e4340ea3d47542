// Compiles the message catalogues to typed functions, after checking that no key is missing.
// Usage: node scripts/compile-messages.mjs [app|widget]
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '@inlang/paraglide-js';
import { problemsOf } from './message-problems.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const only = process.argv[2];

for (const part of ['app', 'widget'].filter((name) => !only || name === only)) {
  const sources = join(root, part, 'src');
  const problems = problemsOf(join(root, 'messages', part), existsSync(sources) ? [sources] : []);
  if (problems.length > 0) {
    console.error(problems.map((line) => `messages/${part}: ${line}`).join('\n'));
    process.exit(1);
  }
  await compile({
    project: join(root, 'i18n', `${part}.inlang`),
    outdir: join(root, part, 'src', 'paraglide'),
    strategy: ['globalVariable', 'baseLocale'],
    emitTsDeclarations: true,
    emitGitIgnore: true,
    emitPrettierIgnore: true,
    emitReadme: false,
  });
  // A plugin that did not load only warns and compiles nothing.
  const compiled = readFileSync(
    join(root, part, 'src', 'paraglide', 'messages', '_index.js'),
    'utf8',
  );
  if (!compiled.includes('export')) {
    console.error(`messages/${part}: nothing was compiled`);
    process.exit(1);
  }
}

// The compiler's project store keeps timers running for half a minute after it is done.
process.exit(0);
