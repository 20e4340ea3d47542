/** What the bot was taught and what it is being taught now, for all pages of its room. */
import type { components } from '$shared/api/schema';
import { dataOf } from '$shared/api/client';
import { api } from '../stores/session.svelte';
import { toasts } from '../stores/toasts.svelte';

type Schemas = components['schemas'];

const AGAIN_MS = 1_500;

class Training {
  trainings = $state.raw<readonly Schemas['TrainingOut'][]>([]);
  models = $state.raw<readonly Schemas['ModelOut'][] | null>(null);
  added = $state<number | null>(null);
  removed = $state<number | null>(null);
  readonly newest = $derived(this.trainings[0]);
  readonly busy = $derived(this.newest?.state === 'waiting' || this.newest?.state === 'running');
  readonly current = $derived(this.models?.find((one) => one.current));

  /** Asks for everything, then again and again while a training runs; returns how to stop. */
  follow(): () => void {
    void this.load();
    const again = setInterval(() => {
      if (this.busy) void this.load();
    }, AGAIN_MS);
    return () => clearInterval(again);
  }

  async load(): Promise<void> {
    try {
      [this.trainings, this.models] = await Promise.all([
        dataOf(api.GET('/api/v1/bot/trainings')),
        dataOf(api.GET('/api/v1/bot/models')),
      ]);
      if (!this.busy) this.count(await dataOf(api.GET('/api/v1/bot/intents')));
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** Takes over how far the examples are ahead of the model in force. */
  count(found: { added: number | null; removed: number | null }): void {
    this.added = found.added;
    this.removed = found.removed;
  }

  async train(): Promise<void> {
    try {
      this.trainings = [await dataOf(api.POST('/api/v1/bot/trainings')), ...this.trainings];
    } catch (error) {
      toasts.fail(error);
    }
  }

  async use(id: string): Promise<void> {
    try {
      await dataOf(
        api.POST('/api/v1/bot/models/{model_id}/use', { params: { path: { model_id: id } } }),
      );
      await this.load();
    } catch (error) {
      toasts.fail(error);
    }
  }
}

export const training = new Training();
