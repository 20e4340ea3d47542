import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const backend = process.env.PARLEY_BACKEND ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [tailwindcss(), sveltekit()],
  server: {
    fs: { allow: ['..'] },
    proxy: {
      '/api': { target: backend },
      '/socket.io': { target: backend, ws: true },
    },
  },
  resolve: {
    alias: {
      // The editor's parser never looks for addresses in text.
      'linkify-it': fileURLToPath(
        new URL('src/lib/editor/markdown/no-linkify.ts', import.meta.url),
      ),
    },
  },
  build: { target: 'es2023' },
});
