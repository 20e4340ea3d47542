import { fetchLevels } from '$lib/words/levels';
import { fetchSettings } from '$lib/words/settings';

/** The sentences of these pages come before them. */
export const load = async () => {
  await Promise.all([fetchSettings(), fetchLevels()]);
};
