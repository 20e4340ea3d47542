/** Which floating thing is open, and small requests between parts of the page. */

export type PickerName = 'assign' | 'team' | 'priority' | 'tags' | 'snooze' | 'status';

class Ui {
  palette = $state(false);
  /** What the palette starts with. */
  paletteText = $state('');
  /** Keys pressed while a picker or the palette was still opening; it starts with them. */
  typed = $state('');
  cheatSheet = $state(false);
  picker = $state<PickerName | null>(null);
  /** The context panel, where it is a drawer or a page. */
  context = $state(false);
  whyFolded = $state(false);
  composing = $state.raw<{ kind: 'reply' | 'note'; at: number } | null>(null);
  searching = $state(0);

  compose(kind: 'reply' | 'note'): void {
    this.composing = { kind, at: Date.now() };
  }

  /** What was typed so far, taken once. */
  takeTyped(): string {
    const typed = this.typed;
    this.typed = '';
    return typed;
  }

  openPalette(text = ''): void {
    this.typed = '';
    this.paletteText = text;
    this.palette = true;
  }
}

export const ui = new Ui();
