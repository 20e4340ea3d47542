/** A policy as its form holds it, and as the server keeps it. */
import { type Node, type Rows, rowsOf, treeOf, unfinished } from './conditions';
import { isoOf, minutesOf, minutesTyped, typed } from './duration';

export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const;
export const METRICS = ['first_response', 'next_response', 'update', 'resolution'] as const;
export const CLOCKS = [...METRICS, 'team'] as const;
export type Priority = (typeof PRIORITIES)[number];
export type Metric = (typeof METRICS)[number];

export interface Cell {
  text: string;
  business: boolean;
}
export interface StepDraft {
  id: string;
  action: 'notify' | 'raise_priority' | 'reassign' | 'webhook';
  to: string;
  when: 'share' | 'before' | 'due' | 'after';
  amount: string;
  metrics: string[];
  in_hours: boolean;
}
export interface OlaDraft extends Cell {
  team: string;
}
export interface Draft {
  name: string;
  condition: Rows | null;
  nested: Node;
  targets: Record<Priority, Record<Metric, Cell>>;
  calendar: string;
  customer_zone: boolean;
  responses: string[];
  starts: string;
  reopening: string;
  counting: string;
  pauses: Record<string, string[]>;
  steps: StepDraft[];
  olas: OlaDraft[];
}
export type Problems = Record<string, true>;

type Data = Record<string, unknown>;
type Target = { duration: string; business?: boolean } | null | undefined;

const PAUSES = {
  update: ['pending'],
  resolution: ['pending', 'on_hold'],
  team: ['pending', 'on_hold'],
};

export function draftOf(data: Data): Draft {
  const targets = (data.targets ?? {}) as Record<string, Record<string, Target>>;
  const hours = (data.hours ?? {}) as { calendar?: string; customer_zone?: boolean };
  const condition = (data.condition ?? {}) as Node;
  return {
    name: String(data.name ?? ''),
    condition: rowsOf(condition),
    nested: condition,
    targets: Object.fromEntries(
      PRIORITIES.map((priority) => [
        priority,
        Object.fromEntries(METRICS.map((metric) => [metric, cellOf(targets[priority]?.[metric])])),
      ]),
    ) as Draft['targets'],
    calendar: hours.calendar ?? '',
    customer_zone: hours.customer_zone ?? false,
    responses: [...((data.responses as string[] | undefined) ?? ['agent'])],
    starts: String(data.starts ?? 'created'),
    reopening: String(data.reopening ?? 'resume'),
    counting: String(data.counting ?? 'from_start'),
    pauses: structuredClone((data.pauses as Draft['pauses'] | undefined) ?? PAUSES),
    steps: ((data.steps as Data[] | undefined) ?? []).map(stepOf),
    olas: ((data.olas as { team: string; target: Target }[] | undefined) ?? []).map((one) => ({
      team: one.team,
      ...cellOf(one.target),
    })),
  };
}

const cellOf = (target: Target): Cell => ({
  text: target ? typed(minutesOf(target.duration)) : '',
  business: target?.business ?? true,
});

function stepOf(step: Data): StepDraft {
  const minutes = minutesOf(step.at as string | undefined) ?? 0;
  const share = step.share as number | null | undefined;
  const when = share != null ? 'share' : minutes < 0 ? 'before' : minutes > 0 ? 'after' : 'due';
  return {
    id: String(step.id),
    action: step.action as StepDraft['action'],
    to: String(step.to),
    when,
    amount: share != null ? String(Math.round(share * 100)) : typed(minutes),
    metrics: [...((step.metrics as string[] | undefined) ?? CLOCKS)],
    in_hours: step.in_hours !== false,
  };
}

/** What cannot be saved as it stands, by the field's id. */
export function problemsOf(draft: Draft): Problems {
  const wrong: Problems = {};
  if (!draft.name.trim()) wrong.name = true;
  if (draft.condition?.lines.some(unfinished)) wrong.condition = true;
  for (const priority of PRIORITIES)
    for (const metric of METRICS)
      if (badCell(draft.targets[priority][metric], true)) wrong[`${priority} ${metric}`] = true;
  draft.steps.forEach((step, n) => {
    const share = Number(step.amount);
    if (!step.to) wrong[`step ${n}`] = true;
    if (step.when === 'share' && !(share > 0 && share <= 100)) wrong[`step ${n}`] = true;
    if (['before', 'after'].includes(step.when) && !minutesTyped(step.amount))
      wrong[`step ${n}`] = true;
  });
  draft.olas.forEach((one, n) => {
    if (!one.team || badCell(one, false)) wrong[`ola ${n}`] = true;
  });
  return wrong;
}

const badCell = (cell: Cell, mayBeEmpty: boolean): boolean =>
  !(mayBeEmpty && !cell.text.trim()) && !minutesTyped(cell.text);

const targetOf = (cell: Cell): Target => {
  const minutes = minutesTyped(cell.text);
  return minutes ? { duration: isoOf(minutes), business: cell.business } : null;
};

/** What is sent; parts that the form does not show stay as they were `before`. */
export function dataOfDraft(draft: Draft, before: Data = {}): Data {
  return {
    ...before,
    name: draft.name.trim(),
    condition: draft.condition ? treeOf(draft.condition) : draft.nested,
    targets: Object.fromEntries(
      PRIORITIES.map((priority) => [
        priority,
        Object.fromEntries(
          METRICS.map((metric) => [metric, targetOf(draft.targets[priority][metric])]),
        ),
      ]),
    ),
    hours: { calendar: draft.calendar, customer_zone: draft.customer_zone },
    responses: draft.responses,
    starts: draft.starts,
    reopening: draft.reopening,
    counting: draft.counting,
    pauses: draft.pauses,
    steps: draft.steps.map((step) => {
      const minutes = minutesTyped(step.amount) ?? 0;
      const sign = step.when === 'before' ? -1 : step.when === 'after' ? 1 : 0;
      return {
        id: step.id,
        action: step.action,
        to: step.to,
        at: isoOf(minutes * sign),
        share: step.when === 'share' ? Number(step.amount) / 100 : null,
        metrics: step.metrics,
        in_hours: step.in_hours,
      };
    }),
    olas: draft.olas.map((one) => ({ team: one.team, target: targetOf(one) })),
  };
}

export interface Change {
  path: string[];
  before: unknown;
  after: unknown;
}

/** What differs between two versions, by path. */
export function differences(before: unknown, after: unknown, path: string[] = []): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (plain(before) && plain(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      differences(before[key], after[key], [...path, key]),
    );
  return [{ path, before, after }];
}

const plain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
