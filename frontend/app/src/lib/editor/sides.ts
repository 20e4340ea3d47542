/** A translation put together again from its rows, with what each paragraph was made from. Pure. */
import type { TranslationRow } from '$shared/api/types';
import type { Written } from './kept';
import { blocksOf } from './merge';

export type Side = TranslationRow & { edited?: string };

const HEAD = 2; // the title and the summary come before the body

/** The text and its stamps; what was not edited keeps its place and its stamp. */
export function assemble(
  sides: readonly Side[],
  stamps: readonly string[],
): Written & { stamps: string[] } {
  const textOf = (side: Side) => side.edited ?? side.target;
  const stampOf = (side: Side) =>
    side.edited !== undefined || side.target_index === null
      ? side.source_hash
      : (stamps[side.target_index] ?? '');
  const head = (index: number) =>
    sides.find((side) => side.target_index === index || side.source_index === index);
  const [title, summary] = [head(0), head(1)];
  const body = sides.filter((side) => side !== title && side !== summary);
  const placed = body
    .filter((side) => side.target_index !== null)
    .sort((one, other) => (one.target_index ?? 0) - (other.target_index ?? 0));
  // A paragraph that is new comes after the translation of the one before it.
  body.forEach((side, index) => {
    if (side.target_index !== null || textOf(side).trim() === '') return;
    const before = body.slice(0, index).findLast((one) => placed.includes(one));
    placed.splice(before ? placed.indexOf(before) + 1 : 0, 0, side);
  });
  const made: string[] = [];
  const units = placed.flatMap((side) => {
    const blocks = blocksOf(textOf(side));
    made.push(...blocks.map((_, at) => (at === 0 ? stampOf(side) : '')));
    return blocks;
  });
  return {
    title: title ? textOf(title) : '',
    summary: summary ? textOf(summary) : '',
    body: units.join('\n\n'),
    stamps: [
      ...[title, summary].map((side) => (side && textOf(side) ? stampOf(side) : '')),
      ...made,
    ].slice(0, HEAD + made.length),
  };
}

/** The row after this one that waits for its translator, around the end. */
export function nextStale(sides: readonly Side[], after: number): number {
  const waits = (side: Side | undefined) =>
    side !== undefined &&
    side.edited === undefined &&
    (side.state === 'stale' || side.state === 'missing');
  for (let step = 1; step <= sides.length; step += 1) {
    const at = (after + step + sides.length) % sides.length;
    if (waits(sides[at])) return at;
  }
  return -1;
}
