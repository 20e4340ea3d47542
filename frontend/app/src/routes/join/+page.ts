import { fetchStart } from '$lib/words/start';

/** The sentences of these pages come before them. */
export const load = fetchStart;
