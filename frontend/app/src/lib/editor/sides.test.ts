import { describe, expect, it } from 'vitest';
import { assemble, nextStale, type Side } from './sides';

const side = (change: Partial<Side>): Side => ({
  state: 'current',
  source_index: null,
  source: '',
  source_hash: '',
  target_index: null,
  target: '',
  changes: [],
  ...change,
});

const rows = (): Side[] => [
  side({ source_index: 0, source: 'Title', source_hash: 'h0', target_index: 0, target: 'כותרת' }),
  side({ source_index: 2, source: 'One', source_hash: 'h2', target_index: 2, target: 'אחת' }),
  side({ state: 'missing', source_index: 3, source: 'New', source_hash: 'h3' }),
  side({
    state: 'stale',
    source_index: 4,
    source: 'Two!',
    source_hash: 'h4',
    target_index: 3,
    target: 'שתיים',
  }),
  side({ state: 'extra', target_index: 4, target: 'רק בעברית' }),
];
const stamps = ['h0', '', 'h2', 'old', ''];

describe('a translation beside its source', () => {
  it('is the same text when nothing was edited, stale marks included', () => {
    expect(assemble(rows(), stamps)).toEqual({
      title: 'כותרת',
      summary: '',
      body: 'אחת\n\nשתיים\n\nרק בעברית',
      stamps: ['h0', '', 'h2', 'old', ''],
    });
  });

  it('takes a translated paragraph where its source stands, and leaves the stale one stale', () => {
    const now = rows();
    now[2] = { ...now[2]!, edited: 'חדש' };
    const made = assemble(now, stamps);
    expect(made.body).toBe('אחת\n\nחדש\n\nשתיים\n\nרק בעברית');
    expect(made.stamps).toEqual(['h0', '', 'h2', 'h3', 'old', '']);
  });

  it('stamps what was rewritten with the source as it stands', () => {
    const now = rows();
    now[3] = { ...now[3]!, edited: 'שתיים!\n\nועוד' };
    expect(assemble(now, stamps).stamps).toEqual(['h0', '', 'h2', 'h4', '', '']);
  });

  it('goes to the next that waits, and around', () => {
    const now = rows();
    expect(nextStale(now, -1)).toBe(2);
    expect(nextStale(now, 2)).toBe(3);
    expect(nextStale(now, 3)).toBe(2);
    now[2] = { ...now[2]!, edited: 'x' };
    now[3] = { ...now[3]!, edited: 'x' };
    expect(nextStale(now, 0)).toBe(-1);
  });
});
