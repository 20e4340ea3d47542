import staticAdapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { externalBoot } from '../scripts/external-boot.mjs';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: externalBoot(
      staticAdapter({ pages: '../build/app', assets: '../build/app', fallback: 'index.html' }),
      '../build/app',
    ),
    paths: { base: '/app', relative: false },
    alias: { $shared: '../shared' },
    version: { pollInterval: 0 },
    serviceWorker: { register: false },
  },
};
