/** Two texts that began as one: what each changed, paragraph by paragraph. Pure. */
import { diffArrays, diffWordsWithSpace } from 'diff';

export type Piece = { kind: 'same' | 'added' | 'removed'; text: string };

/** What changed between two texts, word by word. */
export function compareWords(before: string, after: string): Piece[] {
  return diffWordsWithSpace(before, after).map((part) => ({
    kind: part.added ? 'added' : part.removed ? 'removed' : 'same',
    text: part.value,
  }));
}

/** The blocks of a text: what blank lines divide, fenced code kept whole. */
export function blocksOf(markdown: string): string[] {
  const found: string[][] = [[]];
  let fence = '';
  for (const line of markdown.replace(/\r\n?/g, '\n').split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence) {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = '';
    } else if (mark) fence = mark;
    if (line.trim() || fence) found.at(-1)?.push(line);
    else if (found.at(-1)?.length) found.push([]);
  }
  return found.filter((block) => block.length > 0).map((block) => block.join('\n').trimEnd());
}

/** A stretch that both left alone or only one changed; or one that both changed, to be chosen. */
export type Stretch =
  | { kind: 'settled'; blocks: string[]; by: 'nobody' | 'mine' | 'theirs' | 'both' }
  | { kind: 'open'; base: string[]; mine: string[]; theirs: string[] };

type Change = { from: number; to: number; blocks: string[] };

/** Merges two versions of a text by its blocks. */
export function merge(base: string, mine: string, theirs: string): Stretch[] {
  const [old, one, other] = [blocksOf(base), blocksOf(mine), blocksOf(theirs)];
  const [left, right] = [changes(old, one), changes(old, other)];
  const found: Stretch[] = [];
  let at = 0;
  let [i, j] = [0, 0];
  const keep = (to: number) => {
    if (to > at) found.push({ kind: 'settled', by: 'nobody', blocks: old.slice(at, to) });
    at = Math.max(at, to);
  };
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]];
    const start = Math.min(a?.from ?? Infinity, b?.from ?? Infinity);
    keep(start);
    let end = start;
    const [i0, j0] = [i, j];
    for (let grown = true; grown;) {
      grown = false;
      for (const [list, index] of [
        [left, i],
        [right, j],
      ] as const) {
        const next = list[index];
        if (next && (next.from < end || next.from === start)) {
          end = Math.max(end, next.to);
          if (list === left) i += 1;
          else j += 1;
          grown = true;
        }
      }
    }
    const own = replay(old, start, end, left.slice(i0, i));
    const their = replay(old, start, end, right.slice(j0, j));
    if (j === j0) found.push({ kind: 'settled', by: 'mine', blocks: own });
    else if (i === i0) found.push({ kind: 'settled', by: 'theirs', blocks: their });
    else if (own.join('\n\n') === their.join('\n\n'))
      found.push({ kind: 'settled', by: 'both', blocks: own });
    else found.push({ kind: 'open', base: old.slice(start, end), mine: own, theirs: their });
    at = end;
  }
  keep(old.length);
  return found;
}

export type Choice = 'mine' | 'theirs' | 'both';

/** The merged text; `choices` by the index of each open stretch, in order. */
export function mergedText(stretches: readonly Stretch[], choices: readonly Choice[]): string {
  let open = 0;
  return stretches
    .flatMap((one) => {
      if (one.kind === 'settled') return one.blocks;
      const choice = choices[open++] ?? 'mine';
      return choice === 'both' ? [...one.theirs, ...one.mine] : one[choice];
    })
    .join('\n\n');
}

function changes(base: readonly string[], text: readonly string[]): Change[] {
  const found: Change[] = [];
  let at = 0;
  let open: Change | null = null;
  for (const part of diffArrays([...base], [...text])) {
    if (!part.added && !part.removed) {
      at += part.value.length;
      open = null;
      continue;
    }
    if (!open) {
      open = { from: at, to: at, blocks: [] };
      found.push(open);
    }
    if (part.removed) {
      at += part.value.length;
      open.to = at;
    } else open.blocks.push(...part.value);
  }
  return found;
}

function replay(
  base: readonly string[],
  from: number,
  to: number,
  list: readonly Change[],
): string[] {
  const found: string[] = [];
  let at = from;
  for (const change of list) {
    found.push(...base.slice(at, change.from), ...change.blocks);
    at = change.to;
  }
  return [...found, ...base.slice(at, to)];
}
