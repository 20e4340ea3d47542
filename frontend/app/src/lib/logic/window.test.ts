import { expect, test } from 'vitest';
import { scrollToShow, slotsOf } from './window';

const shown = (scrollTop: number, count = 1000) =>
  slotsOf(scrollTop, 680, 68, count)
    .map(({ index }) => index)
    .sort((a, b) => a - b);

test('every row in view has a slot, however far the list is scrolled', () => {
  for (const scrollTop of [0, 1, 67, 68, 5000, 999 * 68]) {
    const first = Math.floor(scrollTop / 68);
    const last = Math.min(999, Math.floor((scrollTop + 679) / 68));
    for (let index = first; index <= last; index++) expect(shown(scrollTop)).toContain(index);
  }
});

test('scrolling by one row moves one slot only', () => {
  const before = new Map(slotsOf(6800, 680, 68, 1000).map(({ slot, index }) => [slot, index]));
  const moved = slotsOf(6868, 680, 68, 1000).filter(
    ({ slot, index }) => before.get(slot) !== index,
  );
  expect(moved).toHaveLength(1);
});

test('a short list has one slot an item', () => {
  expect(shown(0, 3)).toEqual([0, 1, 2]);
});

test('a row is scrolled to only when it is out of view', () => {
  expect(scrollToShow(5, 0, 680, 68)).toBe(0);
  expect(scrollToShow(10, 0, 680, 68)).toBe(68);
  expect(scrollToShow(2, 680, 680, 68)).toBe(136);
});
