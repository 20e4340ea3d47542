// What the faces weigh on the wire (gzip -9), against their budgets. `--json`: the figures alone.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const APP = 'build/app';
const GENERATED = 'app/.svelte-kit/generated/client-optimized/app.js';
const MANIFEST = 'app/.svelte-kit/output/client/.vite/manifest.json';
const INBOX = '/(desk)/inbox/[[number]]';
const BUDGET_KB = { inbox: 170, dashboard: 45, editor: 180, loader: 4, widget: 45, help: 15 };

const known = new Map();
function weight(file) {
  if (!known.has(file)) known.set(file, gzipSync(readFileSync(file), { level: 9 }).length / 1000);
  return known.get(file);
}

function total(files) {
  return [...files].reduce((sum, file) => sum + weight(file), 0);
}

const STATIC = /(?:from|import)\s*["'](\.{1,2}\/[^"']+\.js)["']/g;
const LAZY = /import\(\s*["'](\.{1,2}\/[^"']+\.js)["']\s*\)/g;

/** Every script that these need; `lazy` follows what is imported on demand, too. */
function closure(files, lazy = false) {
  const seen = new Set();
  const queue = [...files];
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file) || !existsSync(file)) continue;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    for (const [, path] of source.matchAll(STATIC)) queue.push(join(file, '..', path));
    if (lazy) for (const [, path] of source.matchAll(LAZY)) queue.push(join(file, '..', path));
  }
  return seen;
}

function scripts(folder, kinds = /\.(js|css)$/) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => kinds.test(name))
    .map((name) => join(folder, name));
}

const sizes = {};
const lines = [];

if (existsSync(MANIFEST)) {
  const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  const chunk = (pattern) =>
    Object.entries(manifest)
      .filter(([key]) => pattern.test(key))
      .map(([, made]) => join(APP, made.file));
  const entry = chunk(/entry\/(start|app)|runtime\/client\/entry|client-optimized\/app/);
  const source = readFileSync(GENERATED, 'utf8');
  const routes = new Map();
  for (const [, path, node, layouts] of source.matchAll(/"([^"]+)": \[~?(\d+)(?:,\[([^\]]*)\])?/g))
    routes.set(path, [0, ...(layouts ?? '').split(',').filter(Boolean).map(Number), Number(node)]);
  const files = (path) => [
    ...entry,
    ...(routes.get(path) ?? []).flatMap((node) => chunk(new RegExp(`nodes/${node}\\.js$`))),
  ];
  const inbox = closure(files(INBOX));
  const catalogues = chunk(/messages\/app\/[a-z-]+\.json$/);
  // One language is fetched with it: the largest one counts.
  sizes.inbox = total(inbox) + Math.max(0, ...catalogues.map(weight));
  for (const file of catalogues) inbox.add(file);
  for (const path of routes.keys()) {
    if (path === INBOX) continue;
    const extra = total([...closure(files(path), true)].filter((file) => !inbox.has(file)));
    // What the inbox itself fetches on demand is not the page's doing.
    lines.push([`${path}, beyond the inbox`, extra]);
    if (path === '/(desk)/board') sizes.dashboard = extra;
    if (path.startsWith('/(desk)/knowledge/')) sizes.editor = Math.max(sizes.editor ?? 0, extra);
  }
  lines.push(['all style sheets', total(scripts(join(APP, '_app/immutable/assets'), /\.css$/))]);
}
if (existsSync('build/loader')) sizes.loader = total(scripts('build/loader'));
if (existsSync('build/widget')) {
  const page = readFileSync('build/widget/index.html', 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/widget\/([^"]+\.(?:js|css))"/g)];
  const first = closure(named.map(([, path]) => join('build/widget', path)));
  // One catalogue is fetched with it: the largest one counts.
  const others = scripts('build/widget').filter((file) => !first.has(file));
  sizes.widget = total(first) + Math.max(0, ...others.map(weight));
}
if (existsSync('build/help')) sizes.help = total(scripts('build/help', /\.js$/));

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(sizes));
} else {
  for (const [name, kb] of lines) console.log(`${name}: ${kb.toFixed(1)} kB gz`);
  for (const [name, kb] of Object.entries(sizes)) {
    console.log(`${name}: ${kb.toFixed(1)} kB gz of ${BUDGET_KB[name]}`);
    if (kb > BUDGET_KB[name]) process.exitCode = 1;
  }
}
