/** The channels that the desk speaks, asked once. */
import { dataOf } from '$shared/api/client';
import type { Channel } from '$shared/api/types';
import { api } from '../stores/session.svelte';

let asked: Promise<readonly Channel[]> | null = null;

export function channels(): Promise<readonly Channel[]> {
  asked ??= dataOf(api.GET('/api/v1/channels')).then(
    (found) => found.items,
    (error: unknown) => {
      asked = null; // the next visit asks again
      throw error;
    },
  );
  return asked;
}
