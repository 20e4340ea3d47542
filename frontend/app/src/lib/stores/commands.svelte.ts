/** Every command once: what the keys, the palette and the cheat sheet all work from. */
import { goto } from '$app/navigation';
import { m } from '$lib/words/app';
import { changeMany, isDone, toggleResolved } from './changes';
import { list, type Tab } from './list.svelte';
import { preferences } from './preferences.svelte';
import { lastHeld, takeBack } from './sending.svelte';
import { session } from './session.svelte';
import { threads } from './threads.svelte';
import { tickets } from './tickets.svelte';
import { toasts } from './toasts.svelte';
import { ui, type PickerName } from './ui.svelte';

export type Group = 'ticket' | 'write' | 'move' | 'go' | 'app';
export type Command = {
  id: string;
  group: Group;
  label: () => string;
  /** The key it has unless remapped; two letters apart by a space are pressed in turn. */
  key: string | null;
  run: () => void;
  /** Whether it makes sense now; the palette hides it otherwise. */
  when?: () => boolean;
  /** Not offered in the palette, where it means nothing. */
  keyOnly?: boolean;
};

/** The tickets a command is about: those ticked, or the one being read. */
export function targets(): string[] {
  if (list.picked.size > 0) return [...list.picked];
  const current = threads.current?.id ?? list.cursor;
  return current ? [current] : [];
}

const some = () => targets().length > 0;
const reading = () => threads.current !== null;
const pick = (name: PickerName) => () => {
  if (!some()) return;
  // Without a conversation on screen the bulk bar is where the picker opens.
  if (!reading() && list.picked.size === 0) list.toggle(targets()[0] ?? '');
  ui.typed = '';
  ui.picker = name;
};

function show(tab: Tab): void {
  list.show(tab);
  void goto('/app/inbox');
}

export function openTicket(id: string | null): void {
  const row = id ? tickets.get(id) : undefined;
  if (!row) return;
  list.cursor = row.id;
  void goto(`/app/inbox/${row.number}`, { keepFocus: true, noScroll: true });
}

/** Moves the list's cursor; while reading, the thread follows it. */
function step(by: 1 | -1, picking = false): void {
  const from = list.cursor ?? threads.current?.id ?? null;
  const next = list.neighbour(from, by);
  if (!next) return;
  if (picking && from && !list.picked.has(from)) list.toggle(from);
  list.cursor = next;
  if (picking && !list.picked.has(next)) list.toggle(next);
  else if (!picking && reading()) openTicket(next);
}

function escape(): void {
  if (list.picked.size > 0) list.clearPicked();
  else if (ui.context) ui.context = false;
  else if (reading()) void goto('/app/inbox', { keepFocus: true });
}

async function undo(): Promise<void> {
  const thread = threads.current;
  const held = lastHeld(thread);
  const newest = toasts.newestUndo;
  // Whichever came last: the message on its way, or a change.
  if (thread && held && !(newest && newest.at > held.created_at)) {
    if (await takeBack(thread, held)) ui.compose('reply');
  } else if (!(await toasts.undo())) toasts.say(m.nothing_to_undo());
}

const resolveLabel = () => {
  const rows = targets().map((id) => tickets.get(id));
  return rows.length > 0 && rows.every((row) => row && isDone(row))
    ? m.act_reopen()
    : m.act_resolve();
};

export const commands: readonly Command[] = [
  {
    id: 'resolve',
    group: 'ticket',
    label: resolveLabel,
    key: 'e',
    when: some,
    run: () => void toggleResolved(targets()),
  },
  { id: 'snooze', group: 'ticket', label: m.act_snooze, key: 's', when: some, run: pick('snooze') },
  { id: 'assign', group: 'ticket', label: m.act_assign, key: 'a', when: some, run: pick('assign') },
  {
    id: 'assign-me',
    group: 'ticket',
    label: m.act_assign_me,
    key: 'i',
    when: some,
    run: () => void changeMany(targets(), { assignee_id: session.myId }),
  },
  { id: 'team', group: 'ticket', label: m.act_team, key: null, when: some, run: pick('team') },
  {
    id: 'priority',
    group: 'ticket',
    label: m.act_priority,
    key: 'p',
    when: some,
    run: pick('priority'),
  },
  { id: 'tags', group: 'ticket', label: m.act_tags, key: 't', when: some, run: pick('tags') },
  {
    id: 'status',
    group: 'ticket',
    label: m.act_status,
    key: null,
    when: some,
    run: pick('status'),
  },
  {
    id: 'spam',
    group: 'ticket',
    label: m.act_spam,
    key: '#',
    when: some,
    run: () => void changeMany(targets(), { status: 'closed', add_tags: ['spam'] }),
  },
  {
    id: 'reply',
    group: 'write',
    label: m.act_reply,
    key: 'r',
    when: reading,
    run: () => ui.compose('reply'),
  },
  {
    id: 'note',
    group: 'write',
    label: m.act_note,
    key: 'n',
    when: reading,
    run: () => ui.compose('note'),
  },
  { id: 'undo', group: 'write', label: m.undo, key: 'z', run: () => void undo() },
  { id: 'next', group: 'move', label: m.act_next, key: 'j', keyOnly: true, run: () => step(1) },
  {
    id: 'previous',
    group: 'move',
    label: m.act_previous,
    key: 'k',
    keyOnly: true,
    run: () => step(-1),
  },
  {
    id: 'open',
    group: 'move',
    label: m.act_open,
    key: 'o',
    keyOnly: true,
    run: () => openTicket(list.cursor ?? list.neighbour(null, 1)),
  },
  {
    id: 'open-enter',
    group: 'move',
    label: m.act_open,
    key: 'enter',
    keyOnly: true,
    run: () => openTicket(list.cursor),
  },
  { id: 'back', group: 'move', label: m.act_back, key: 'escape', keyOnly: true, run: escape },
  {
    id: 'pick',
    group: 'move',
    label: m.act_pick,
    key: 'x',
    keyOnly: true,
    run: () => {
      const id = list.cursor ?? threads.current?.id;
      if (id) list.toggle(id);
    },
  },
  {
    id: 'pick-next',
    group: 'move',
    label: m.act_pick_next,
    key: 'shift+j',
    keyOnly: true,
    run: () => step(1, true),
  },
  {
    id: 'pick-previous',
    group: 'move',
    label: m.act_pick_previous,
    key: 'shift+k',
    keyOnly: true,
    run: () => step(-1, true),
  },
  {
    id: 'search',
    group: 'move',
    label: m.act_search,
    key: '/',
    run: () => {
      ui.searching += 1;
    },
  },
  { id: 'go-all', group: 'go', label: m.go_all, key: 'g i', run: () => show('all') },
  { id: 'go-mine', group: 'go', label: m.go_mine, key: 'g m', run: () => show('mine') },
  {
    id: 'go-unassigned',
    group: 'go',
    label: m.go_unassigned,
    key: 'g u',
    run: () => show('unassigned'),
  },
  { id: 'go-mentions', group: 'go', label: m.go_mentions, key: 'g n', run: () => show('mentions') },
  {
    id: 'go-settings',
    group: 'go',
    label: m.go_settings,
    key: 'g s',
    run: () => void goto('/app/settings'),
  },
  {
    id: 'palette',
    group: 'app',
    label: m.act_palette,
    key: 'mod+k',
    keyOnly: true,
    run: () => ui.openPalette(),
  },
  {
    id: 'cheat-sheet',
    group: 'app',
    label: m.act_keys,
    key: '?',
    run: () => {
      ui.cheatSheet = true;
    },
  },
  {
    id: 'theme-light',
    group: 'app',
    label: m.act_theme_light,
    key: null,
    run: () => preferences.setTheme('light'),
  },
  {
    id: 'theme-dark',
    group: 'app',
    label: m.act_theme_dark,
    key: null,
    run: () => preferences.setTheme('dark'),
  },
  {
    id: 'theme-system',
    group: 'app',
    label: m.act_theme_system,
    key: null,
    run: () => preferences.setTheme('system'),
  },
];

/** The key a command has, remapped or not; null for none. */
export function keyOf(command: Command): string | null {
  const remapped = preferences.current.keymap as Record<string, string | null> | undefined;
  const own = remapped?.[command.id];
  return own === undefined ? command.key : own;
}

/** A key as it is written for people. */
export function keyCaps(key: string): string[] {
  const mac = navigator.platform.startsWith('Mac');
  const names: Record<string, string> = {
    mod: mac ? '⌘' : 'Ctrl',
    shift: '⇧',
    enter: '↵',
    escape: 'Esc',
  };
  return key
    .split(/[ +]/)
    .filter(Boolean)
    .map((part) => names[part] ?? part.toUpperCase());
}
