/** What this person has set, kept on the server so that it follows to another device. */
import { dataOf } from '$shared/api/client';
import type { Preferences } from '$shared/api/types';
import { look, type Theme } from './look.svelte';
import { api } from './session.svelte';
import { toasts } from './toasts.svelte';

class PreferenceStore {
  current = $state.raw<Preferences>({});
  readonly shortcutsOff = $derived(this.current.shortcuts_off === true);

  async load(): Promise<void> {
    this.current = await dataOf(api.GET('/api/v1/me/preferences'));
    if (this.current.theme) look.setTheme(this.current.theme);
  }

  async set(change: Preferences): Promise<void> {
    this.current = { ...this.current, ...change };
    try {
      await api.PUT('/api/v1/me/preferences', { body: this.current });
    } catch (error) {
      toasts.fail(error);
    }
  }

  setTheme(theme: Theme): void {
    look.setTheme(theme);
    void this.set({ theme });
  }
}

export const preferences = new PreferenceStore();
