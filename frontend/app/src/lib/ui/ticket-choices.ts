/** What each ticket picker offers, and the change a choice makes. */
import Flag from '@lucide/svelte/icons/flag';
import Moon from '@lucide/svelte/icons/moon';
import Plus from '@lucide/svelte/icons/plus';
import Sun from '@lucide/svelte/icons/sun';
import Tag from '@lucide/svelte/icons/tag';
import UserX from '@lucide/svelte/icons/user-x';
import Users from '@lucide/svelte/icons/users';
import type { Priority, Status, TicketPatch, TicketRow } from '$shared/api/types';
import { m } from '$lib/words/app';
import { snoozeIn } from '../logic/snooze';
import { priorityName, statusName, wakeable } from '../stores/changes';
import { directory } from '../stores/directory.svelte';
import { format } from '../stores/format.svelte';
import { session } from '../stores/session.svelte';
import type { PickerName } from '../stores/ui.svelte';
import type { Choice } from './Picker.svelte';

const NONE = 'none';
const WAKE = 'wake';
const PRIORITIES: Priority[] = ['urgent', 'high', 'normal', 'low'];
const STATUSES: Status[] = ['open', 'pending', 'on_hold', 'resolved', 'closed'];
const SNOOZES = ['3h', 'tonight', 'tomorrow 9', 'mon 9', '1w'];

export function wordsFor(name: PickerName): { label: string; placeholder: string } {
  const words = {
    assign: [m.act_assign, m.find_person],
    team: [m.act_team, m.find_team],
    priority: [m.act_priority, m.find_priority],
    tags: [m.act_tags, m.find_tag],
    snooze: [m.act_snooze, m.find_time],
    status: [m.act_status, m.find_status],
  } as const;
  const [label, placeholder] = words[name];
  return { label: label(), placeholder: placeholder() };
}

export function choicesFor(name: PickerName, rows: readonly TicketRow[], query: string): Choice[] {
  const all = (test: (row: TicketRow) => boolean) => rows.length > 0 && rows.every(test);
  switch (name) {
    case 'assign':
      return [
        ...[...directory.assignable]
          .sort(
            (a, b) =>
              Number(b.id === session.myId) - Number(a.id === session.myId) ||
              a.name.localeCompare(b.name),
          )
          .map((agent) => ({
            value: agent.id,
            label: agent.id === session.myId ? m.name_you({ name: agent.name }) : agent.name,
            person: agent.name,
            online: agent.online,
            checked: all((row) => row.assignee_id === agent.id),
          })),
        {
          value: NONE,
          label: m.nobody(),
          icon: UserX,
          checked: all((row) => row.assignee_id === null),
        },
      ];
    case 'team':
      return [
        ...directory.teams.map((team) => ({
          value: team.id,
          label: team.name,
          icon: Users,
          checked: all((row) => row.team_id === team.id),
        })),
        {
          value: NONE,
          label: m.no_team(),
          icon: UserX,
          checked: all((row) => row.team_id === null),
        },
      ];
    case 'priority':
      return PRIORITIES.map((priority) => ({
        value: priority,
        label: priorityName(priority),
        icon: Flag,
        checked: all((row) => row.priority === priority),
      }));
    case 'status':
      return STATUSES.map((status) => ({
        value: status,
        label: statusName(status),
        checked: all((row) => row.status === status),
      }));
    case 'tags':
      return tagChoices(rows, query);
    case 'snooze':
      return snoozeChoices(rows, query);
  }
}

function tagChoices(rows: readonly TicketRow[], query: string): Choice[] {
  const names = new Set([
    ...directory.tags.map((tag) => tag.name),
    ...rows.flatMap((row) => row.tags),
  ]);
  const wanted = query.trim();
  const choices: Choice[] = [...names]
    .sort((a, b) => a.localeCompare(b))
    .map((name) => ({
      value: name,
      label: name,
      icon: Tag,
      checked: rows.length > 0 && rows.every((row) => row.tags.includes(name)),
    }));
  const known = [...names].some((name) => name.toLowerCase() === wanted.toLowerCase());
  if (wanted && !known)
    choices.push({ value: wanted, label: m.new_tag({ name: wanted }), icon: Plus });
  return choices;
}

function snoozeChoices(rows: readonly TicketRow[], query: string): Choice[] {
  const now = new Date();
  const typed = query.trim();
  const offered = typed
    ? [snoozeIn(typed, now, format.zone)]
    : SNOOZES.map((words) => snoozeIn(words, now, format.zone));
  const times = offered
    .filter((until) => until !== null)
    .filter((until, at, among) => among.findIndex((other) => +other === +until) === at)
    .sort((a, b) => +a - +b);
  const choices: Choice[] = times.map((until) => ({
    value: until.toISOString(),
    label: m.snooze_until({ when: format.moment(until) }),
    icon: Moon,
  }));
  if (!typed && rows.some(wakeable))
    choices.unshift({ value: WAKE, label: m.wake_now(), icon: Sun });
  return choices;
}

/** The change a choice makes; null when it changes nothing. */
export function patchFor(
  name: PickerName,
  rows: readonly TicketRow[],
  value: string,
): TicketPatch | null {
  const id = value === NONE ? null : value;
  switch (name) {
    case 'assign':
      return { assignee_id: id };
    case 'team':
      return { team_id: id };
    case 'priority':
      return { priority: value as Priority };
    case 'status':
      return { status: value as Status };
    case 'tags':
      return rows.every((row) => row.tags.includes(value))
        ? { remove_tags: [value] }
        : { add_tags: [value] };
    case 'snooze':
      return { snoozed_until: value === WAKE ? null : value };
  }
}
