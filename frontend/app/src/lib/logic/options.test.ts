import { expect, it } from 'vitest';
import { readOption, shownOption } from './options';

it('reads back what it shows', () => {
  for (const value of [
    'text',
    25,
    true,
    { stop: { en: 'Bye' } },
    ['https://shop.example'],
    ' kept ',
  ])
    expect(readOption(shownOption(value), value)).toEqual(value);
});

it('removes an option that is emptied', () => {
  expect(readOption(' ', 'before')).toBeUndefined();
  expect(shownOption(undefined)).toBe('');
});

it('keeps a long id of digits as text', () => {
  expect(readOption('106540352242922', undefined)).toBe('106540352242922');
});

it('takes words for switches and JSON for what has parts', () => {
  expect(readOption('false', undefined)).toBe(false);
  expect(readOption('{"from": "21:00", "to": "08:00"}', undefined)).toEqual({
    from: '21:00',
    to: '08:00',
  });
  expect(() => readOption('{"from"', undefined)).toThrow(SyntaxError);
});
