import { fetchBot } from '$lib/words/bot';

/** The sentences of these pages come before them. */
export const load = fetchBot;
