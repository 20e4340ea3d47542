import { describe, expect, it } from 'vitest';
import { linesOf, optionsOf } from './options';
import { csv, floorOf, path } from './report';

describe('options on lines', () => {
  it('are read and written without loss', () => {
    const text = 'home = en: My home | he: הבית שלי\nshop = en: A shop\nelsewhere';
    const options = optionsOf(text, 'en');
    expect(options[0]).toEqual({ value: 'home', labels: { en: 'My home', he: 'הבית שלי' } });
    expect(linesOf(options)).toBe(text);
  });

  it('take a text without a language for the one that is being written', () => {
    expect(optionsOf(' red = Rot \n\n', 'de')).toEqual([{ value: 'red', labels: { de: 'Rot' } }]);
  });
});

describe('a curve', () => {
  const curve = [
    { threshold: 0.9, coverage: 0.5, precision: 1, wrong: 0 },
    { threshold: 0.1, coverage: 1, precision: 0.84, wrong: 0.16 },
  ];

  it('fills its box from a round number below its lowest precision', () => {
    expect(floorOf(curve)).toBe(0.8);
    expect(path(curve, 100, 50, 0.8)).toBe('M50.0 0.0 L100.0 40.0');
  });

  it('is a file for a spreadsheet', () => {
    expect(
      csv([
        ['a,b', 1],
        ['say "x"', 0.5],
      ]),
    ).toBe('"a,b",1\r\n"say ""x""",0.5\r\n');
  });
});
