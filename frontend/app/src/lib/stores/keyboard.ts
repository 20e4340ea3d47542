/** Turns key presses into commands: plain keys outside of fields, two-letter sequences, Ctrl or Cmd. */
import { isTyping, keyName } from '../logic/keys';
import { commands, keyOf } from './commands.svelte';
import { preferences } from './preferences.svelte';
import { ui } from './ui.svelte';

const SEQUENCE_MS = 1200;

/** Listens until the returned function is called. */
export function listenToKeys(): () => void {
  let prefix = '';
  let timer: ReturnType<typeof setTimeout>;

  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = keyName(event);
    if (name === null) return;
    const plain = !name.startsWith('mod+');
    if (plain && collects(event)) return;
    if (plain && (preferences.shortcutsOff || isElsewhere(event, name))) return;
    const typed = prefix ? `${prefix} ${name}` : name;
    clearTimeout(timer);
    prefix = '';
    const command = commands.find((one) => keyOf(one) === typed);
    if (command) {
      event.preventDefault();
      command.run();
    } else if (plain && commands.some((one) => keyOf(one)?.startsWith(`${typed} `))) {
      event.preventDefault();
      prefix = typed;
      timer = setTimeout(() => (prefix = ''), SEQUENCE_MS);
    }
  };
  // Escape closes what floats before this page hears of it, and then means nothing more.
  let closes = false;
  const note = (): void => {
    closes = document.querySelector('[data-floating], [role="menu"], [role="dialog"]') !== null;
  };
  const onBubble = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || (!closes && ui.picker === null)) onKey(event);
  };
  addEventListener('keydown', note, true);
  addEventListener('keydown', onBubble);
  return () => {
    removeEventListener('keydown', note, true);
    removeEventListener('keydown', onBubble);
  };
}

/** What is typed before an opening picker has the focus is meant for it, and is kept for it. */
function collects(event: KeyboardEvent): boolean {
  if ((ui.picker === null && !ui.palette) || isTyping(event.target)) return false;
  if (event.key.length === 1) {
    ui.typed += event.key;
    event.preventDefault();
  }
  return true;
}

/** Plain keys stay with fields, with what floats, and Enter with the control that has the focus. */
function isElsewhere(event: KeyboardEvent, name: string): boolean {
  if (isTyping(event.target)) return true;
  if (!(event.target instanceof Element)) return false;
  if (event.target.closest('[role="dialog"], [role="menu"], [data-floating]')) return true;
  return name === 'enter' && event.target.closest('a, button, summary') !== null;
}
