/** What just happened, with a way back: toasts, and the stack that the undo key works on. */
import { Problem } from '$shared/api/client';
import { clock } from './clock.svelte';
import { problemText } from './problem-text';

export type Toast = {
  id: number;
  text: string;
  /** When it happened, server time. */
  at: string;
  tone: 'plain' | 'bad';
  undo: (() => Promise<void> | void) | null;
};

const LIFE_MS = 8000;

class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  readonly newestUndo = $derived(this.items.findLast((toast) => toast.undo !== null));
  private next = 1;

  say(text: string, undo: Toast['undo'] = null): number {
    return this.add({ text, undo, tone: 'plain' });
  }

  /** Says why something was not done. */
  warn(text: string): number {
    return this.add({ text, undo: null, tone: 'bad' });
  }

  /** Shows a refusal in words; anything unexpected is also left in the console. */
  fail(error: unknown): void {
    if (!(error instanceof Problem)) console.error(error);
    this.add({ text: problemText(error), undo: null, tone: 'bad' });
  }

  dismiss(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }

  /** Undoes one toast; the newest that can be undone without an id. False when there is none. */
  async undo(id?: number): Promise<boolean> {
    const toast = this.items.findLast(
      (one) => one.undo !== null && (id === undefined || one.id === id),
    );
    if (!toast?.undo) return false;
    this.dismiss(toast.id);
    try {
      await toast.undo();
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  private add(toast: Omit<Toast, 'id' | 'at'>): number {
    const id = this.next++;
    this.items = [...this.items.slice(-2), { ...toast, id, at: clock.iso() }];
    setTimeout(() => this.dismiss(id), LIFE_MS);
    return id;
  }
}

export const toasts = new Toasts();
