import { fetchSettings } from '$lib/words/settings';

/** The sentences of these pages come before them. */
export const load = fetchSettings;
