import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const backend = process.env.PARLEY_BACKEND ?? 'http://127.0.0.1:8000';
const unused = fileURLToPath(new URL('src/lib/editor/markdown/unused.ts', import.meta.url));

export default defineConfig({
  // A catalogue is one object.
  json: { namedExports: false },
  plugins: [tailwindcss(), sveltekit()],
  server: {
    fs: { allow: ['..'] },
    proxy: {
      '/api': { target: backend },
      '/socket.io': { target: backend, ws: true },
    },
  },
  resolve: {
    // Parts of the editor's parser that it never asks for.
    alias: Object.fromEntries(['linkify-it', 'mdurl', 'punycode.js'].map((name) => [name, unused])),
  },
  build: {
    target: 'es2023',
    rolldownOptions: {
      output: {
        // Icons that several pages share weigh less in one file than in one each.
        codeSplitting: {
          groups: [{ name: 'icons', test: /@lucide[\\/]svelte/, minShareCount: 2 }],
        },
      },
    },
  },
});
