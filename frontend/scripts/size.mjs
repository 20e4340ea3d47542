// Gzipped weight (each page with the root and desk layouts) of a build, by kind, against the budgets. Usage: node scripts/size.mjs
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const app = 'build/app/_app/immutable';
const BUDGET_KB = 170;

function weight(file) {
  return gzipSync(readFileSync(file), { level: 9 }).length;
}

/** Follows static imports from the entries and the nodes of one page. */
function closure(files) {
  const seen = new Set();
  const queue = [...files];
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    for (const [, path] of source.matchAll(/(?:from|import)\s*["'](\.{1,2}\/[^"']+\.js)["']/g))
      queue.push(join(file, '..', path));
  }
  return [...seen];
}

if (existsSync(app)) {
  const manifest = JSON.parse(
    readFileSync('app/.svelte-kit/output/client/.vite/manifest.json', 'utf8'),
  );
  const first = Object.entries(manifest)
    .filter(([key]) =>
      /entry\/(start|app)|runtime\/client\/entry|generated\/client-optimized\/app|nodes\/(0|2)\.js/.test(
        key,
      ),
    )
    .map(([, chunk]) => join('build/app', chunk.file));
  for (const [key, chunk] of Object.entries(manifest).filter(([k]) => /nodes\/\d+\.js$/.test(k))) {
    const files = closure([...first, join('build/app', chunk.file)]);
    const kb = files.reduce((sum, file) => sum + weight(file), 0) / 1000;
    console.log(
      `${key.replace(/.*\//, 'node ')}: ${kb.toFixed(1)} kB gz over ${files.length} files`,
    );
    if (kb > BUDGET_KB) process.exitCode = 1;
  }
  const css = readdirSync(join(app, 'assets')).filter((name) => name.endsWith('.css'));
  console.log(
    `all CSS: ${(css.reduce((sum, name) => sum + weight(join(app, 'assets', name)), 0) / 1000).toFixed(1)} kB gz`,
  );
}
for (const part of ['loader', 'widget', 'help']) {
  const folder = join('build', part);
  if (!existsSync(folder)) continue;
  for (const entry of readdirSync(folder, { recursive: true }).filter((name) =>
    /\.(js|css)$/.test(name),
  ))
    console.log(`${part}/${entry}: ${(weight(join(folder, entry)) / 1000).toFixed(1)} kB gz`);
}
