// Fails where a message catalogue lacks a key or a placeholder, or a source uses an unknown one.
// Usage: node scripts/check-messages.mjs [app|widget]
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { problemsOf } from './message-problems.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const only = process.argv[2];
// The name under which the sources of an area use its catalogue; functions by name are typed.
const NAMES = { app: 'm', bot: 'b', levels: 'l', settings: 's', widget: 'm' };

for (const area of readdirSync(join(root, 'messages'))) {
  const face = area === 'widget' ? 'widget' : 'app';
  if (only && only !== face) continue;
  const sources = NAMES[area] ? [join(root, face, 'src')].filter(existsSync) : [];
  const problems = problemsOf(join(root, 'messages', area), sources, NAMES[area]);
  if (problems.length > 0) {
    console.error(problems.map((line) => `messages/${area}: ${line}`).join('\n'));
    process.exitCode = 1;
  }
}
