/** How far the first run has come; the server knows, so that it can be left and resumed. */
import { dataOf } from '$shared/api/client';
import type { Progress } from '$shared/api/types';
import { api } from '$lib/stores/session.svelte';

export const STEPS = ['desk', 'hours', 'channel', 'team', 'widget', 'message'] as const;
export type Step = (typeof STEPS)[number];
type Change = Partial<
  Pick<Progress, 'name' | 'locales' | 'timezone' | 'hours' | 'skipped' | 'finished'>
>;

class ProgressStore {
  now = $state.raw<Progress | null>(null);
  /** The step that the person chose to look at. */
  chosen = $state<Step | null>(null);

  readonly chat = $derived(this.now?.inboxes.find((one) => one.channel === 'webchat') ?? null);
  readonly mail = $derived(this.now?.inboxes.find((one) => one.channel === 'email') ?? null);
  /** A desk without a chat has no snippet to put anywhere. */
  readonly steps = $derived(
    STEPS.filter((step) => step !== 'widget' || !this.now?.inboxes.length || this.chat !== null),
  );
  readonly step = $derived(this.chosen ?? this.steps.find((one) => this.open(one)) ?? 'message');

  done(step: Step): boolean {
    const now = this.now;
    if (!now) return false;
    switch (step) {
      case 'desk':
        return now.named;
      case 'hours':
        return Object.keys(now.hours).length > 0;
      case 'channel':
        return now.inboxes.length > 0;
      case 'team':
        return now.agents > 1;
      case 'widget':
        return now.sightings.some((one) => one.allowed);
      case 'message':
        return now.ticket?.answered ?? false;
    }
  }

  skipped(step: Step): boolean {
    return !this.done(step) && (this.now?.skipped.includes(step) ?? false);
  }

  open(step: Step): boolean {
    return !this.done(step) && !this.skipped(step);
  }

  async load(): Promise<void> {
    this.now = await dataOf(api.GET('/api/v1/start/progress'));
  }

  async change(body: Change): Promise<void> {
    this.now = await dataOf(api.PATCH('/api/v1/start/progress', { body }));
  }

  async skip(step: Step): Promise<void> {
    await this.change({ skipped: [...(this.now?.skipped ?? []), step] });
    this.after(step);
  }

  /** Goes on: to the next step that is open, or the next at all. */
  after(step: Step): void {
    const rest = this.steps.slice(this.steps.indexOf(step) + 1);
    this.chosen = rest.find((one) => this.open(one)) ?? rest[0] ?? null;
  }
}

export const progress = new ProgressStore();
