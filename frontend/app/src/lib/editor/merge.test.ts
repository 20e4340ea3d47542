import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf, compareWords, merge, mergedText } from './merge';

const text = fc
  .array(fc.constantFrom('one', 'two', 'three', 'four', 'five', 'שלום', '```\na\n\nb\n```'), {
    maxLength: 8,
  })
  .map((blocks) => blocks.join('\n\n'));

describe('merge', () => {
  it('takes what only one of both changed', () => {
    const merged = merge('a\n\nb\n\nc', 'a\n\nB mine\n\nc', 'a\n\nb\n\nc\n\nd theirs');
    expect(merged.filter((one) => one.kind === 'open')).toEqual([]);
    expect(mergedText(merged, [])).toBe('a\n\nB mine\n\nc\n\nd theirs');
  });

  it('asks about what both changed and loses neither', () => {
    const merged = merge('a\n\nb', 'a\n\nmine', 'a\n\ntheirs');
    expect(merged.at(-1)).toEqual({
      kind: 'open',
      base: ['b'],
      mine: ['mine'],
      theirs: ['theirs'],
    });
    expect(mergedText(merged, ['mine'])).toBe('a\n\nmine');
    expect(mergedText(merged, ['theirs'])).toBe('a\n\ntheirs');
    expect(mergedText(merged, ['both'])).toBe('a\n\ntheirs\n\nmine');
  });

  it('gives the one text when the other changed nothing', () => {
    fc.assert(
      fc.property(text, text, (base, other) => {
        const wanted = blocksOf(other).join('\n\n');
        expect(mergedText(merge(base, other, base), [])).toBe(wanted);
        expect(mergedText(merge(base, base, other), [])).toBe(wanted);
        expect(mergedText(merge(base, other, other), [])).toBe(wanted);
      }),
    );
  });

  it('gives either whole text when it is chosen everywhere, apart from what only one changed', () => {
    fc.assert(
      fc.property(text, text, text, (base, mine, theirs) => {
        const stretches = merge(base, mine, theirs);
        const all = (choice: 'mine' | 'theirs') =>
          stretches.flatMap((one) => (one.kind === 'open' ? one[choice] : [])).length;
        const open = stretches.flatMap((one) => (one.kind === 'open' ? [one] : []));
        expect(all('mine')).toBe(open.reduce((sum, one) => sum + one.mine.length, 0));
        const both = mergedText(
          stretches,
          open.map(() => 'both'),
        );
        for (const one of open)
          for (const block of [...one.mine, ...one.theirs]) expect(both).toContain(block);
      }),
    );
  });
});

describe('compareWords', () => {
  it('says what came and what went', () => {
    const pieces = compareWords('You have 30 days.', 'You have 60 days.');
    const of = (kind: string) => pieces.filter((one) => one.kind === kind).map((one) => one.text);
    expect(of('removed')).toEqual(['30']);
    expect(of('added')).toEqual(['60']);
  });
});
