import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: {
      $shared: fileURLToPath(new URL('./shared', import.meta.url)),
      $lib: fileURLToPath(new URL('./app/src/lib', import.meta.url)),
    },
    conditions: ['browser'],
  },
  test: {
    environment: 'happy-dom',
    include: ['{app,widget,shared}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'build/**'],
  },
});
