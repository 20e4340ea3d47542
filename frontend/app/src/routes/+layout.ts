import { look } from '$lib/stores/look.svelte';

export const ssr = false;
export const prerender = false;

/** The language's sentences come before the first page. */
export async function load(): Promise<void> {
  await look.ready;
}
