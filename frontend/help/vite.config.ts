// Two classic scripts: one before the page is drawn, one after it is read.
import { fileURLToPath } from 'node:url';
import { build, defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const script = (name: string) => ({
  outDir: here('../build/help'),
  emptyOutDir: false,
  target: 'es2020',
  lib: {
    entry: here(`${name}.ts`),
    formats: ['iife' as const],
    name: `help_${name}`,
    fileName: () => `${name}.js`,
  },
});

export default defineConfig({
  root: here('.'),
  publicDir: false,
  plugins: [
    {
      name: 'theme',
      closeBundle: async () => {
        await build({
          configFile: false,
          root: here('.'),
          publicDir: false,
          logLevel: 'warn',
          build: script('theme'),
        });
      },
    },
  ],
  build: script('help'),
});
