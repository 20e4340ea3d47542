// The loader as one classic script, and the demo shop beside it as it is.
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  publicDir: false,
  plugins: [
    {
      name: 'demo-shop',
      closeBundle: () => cpSync(here('demo'), here('../build/demo'), { recursive: true }),
    },
  ],
  build: {
    outDir: here('../build/loader'),
    emptyOutDir: true,
    target: 'es2020',
    lib: {
      entry: here('loader/loader.ts'),
      formats: ['iife'],
      name: 'parleyLoader',
      fileName: () => 'loader.js',
    },
  },
});
