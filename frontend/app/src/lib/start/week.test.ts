import { describe, expect, it } from 'vitest';
import { tagOf, weekOf } from './week';

describe('the week', () => {
  it('begins on Sunday and ends on Thursday in Israel', () => {
    expect(weekOf('he')).toEqual({ order: [6, 0, 1, 2, 3, 4, 5], workdays: [0, 1, 2, 3, 6] });
  });

  it('begins on Monday in Norway', () => {
    expect(weekOf('nb-NO')).toEqual({ order: [0, 1, 2, 3, 4, 5, 6], workdays: [0, 1, 2, 3, 4] });
  });

  it('is that of the browser where it speaks the language', () => {
    expect(tagOf('en', 'en-GB')).toBe('en-GB');
    expect(tagOf('he', 'en-GB')).toBe('he');
  });
});
