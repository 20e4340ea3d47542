// The frame: static files with hashed names under /widget/assets, no inline script or style.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  base: '/widget/',
  publicDir: false,
  plugins: [
    svelte({ configFile: false }),
    {
      // A catalogue is imported plainly: there is nothing to preload with it.
      name: 'plain-import',
      enforce: 'pre',
      load: (id) =>
        id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null,
    },
  ],
  json: { namedExports: false },
  resolve: { alias: { $shared: here('../shared') } },
  build: {
    outDir: here('../build/widget'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
  },
});
