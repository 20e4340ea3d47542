import { describe, expect, it } from 'vitest';
import { excerpt, type TicketMatch } from './excerpt';

function match(text: string, ...ranges: [number, number][]): TicketMatch {
  return { snippet: { text, ranges } };
}

function written(found: TicketMatch | undefined): string {
  return excerpt(found)
    .map((part) => (part.marked ? `[${part.text}]` : part.text))
    .join('');
}

describe('the excerpt of a found ticket', () => {
  it('marks what matched and keeps the rest', () => {
    expect(written(match('the lid is broken', [4, 7], [11, 17]))).toBe('the [lid] is [broken]');
  });

  it('begins near the first match, at a word', () => {
    const text = `${'many words before it '.repeat(4)}and the lid broke`;
    expect(written(match(text, [92, 95]))).toBe('… before it and the [lid] broke');
  });

  it('counts characters beyond the first plane as one', () => {
    expect(written(match('😀😀 lid', [3, 6]))).toBe('😀😀 [lid]');
  });

  it('puts lines of a message into one', () => {
    expect(written(match('Hello,\n\nthe lid', [12, 15]))).toBe('Hello, the [lid]');
  });

  it('is empty where only the subject or the customer matched, and without a search', () => {
    expect(excerpt(match('nothing of it'))).toEqual([]);
    expect(excerpt(undefined)).toEqual([]);
  });
});
