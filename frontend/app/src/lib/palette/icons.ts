/** The icon of a command, by its id. */
import AtSign from '@lucide/svelte/icons/at-sign';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleDot from '@lucide/svelte/icons/circle-dot';
import Flag from '@lucide/svelte/icons/flag';
import Inbox from '@lucide/svelte/icons/inbox';
import Keyboard from '@lucide/svelte/icons/keyboard';
import Monitor from '@lucide/svelte/icons/monitor';
import Moon from '@lucide/svelte/icons/moon';
import OctagonX from '@lucide/svelte/icons/octagon-x';
import Reply from '@lucide/svelte/icons/reply';
import Search from '@lucide/svelte/icons/search';
import Settings from '@lucide/svelte/icons/settings-2';
import StickyNote from '@lucide/svelte/icons/sticky-note';
import Sun from '@lucide/svelte/icons/sun';
import Tag from '@lucide/svelte/icons/tag';
import Undo from '@lucide/svelte/icons/undo-2';
import User from '@lucide/svelte/icons/user';
import UserCheck from '@lucide/svelte/icons/user-check';
import UserX from '@lucide/svelte/icons/user-x';
import Users from '@lucide/svelte/icons/users';

const ICONS: Record<string, typeof Inbox> = {
  resolve: CircleCheck,
  snooze: Moon,
  assign: User,
  'assign-me': UserCheck,
  team: Users,
  priority: Flag,
  tags: Tag,
  status: CircleDot,
  spam: OctagonX,
  reply: Reply,
  note: StickyNote,
  undo: Undo,
  search: Search,
  'go-mine': UserCheck,
  'go-unassigned': UserX,
  'go-mentions': AtSign,
  'go-settings': Settings,
  'cheat-sheet': Keyboard,
  'theme-light': Sun,
  'theme-dark': Moon,
  'theme-system': Monitor,
};

export function iconOf(id: string): typeof Inbox {
  return ICONS[id] ?? Inbox;
}
