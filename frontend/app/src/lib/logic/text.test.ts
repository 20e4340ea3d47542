import { expect, test } from 'vitest';
import { initialsOf, isPicture, mentionBefore, partsOf, sizeOf } from './text';

test('initials in any script', () => {
  expect(initialsOf('Ingrid Solbakken')).toBe('IS');
  expect(initialsOf('אבי מזרחי')).toBe('אמ');
  expect(initialsOf('林雨桐')).toBe('林');
  expect(initialsOf('')).toBe('?');
});

test('sizes', () => {
  expect(sizeOf(900)).toBe('900 B');
  expect(sizeOf(1_250_000)).toBe('1.3 MB');
});

test('an SVG is never shown as a picture', () => {
  expect(isPicture('image/svg+xml')).toBe(false);
  expect(isPicture('image/png')).toBe(true);
});

test('links and mentions are found, the full stop after a link is not part of it', () => {
  expect(partsOf('@Tomás Ferreira see https://x.example/a.', ['Tomás Ferreira'])).toEqual([
    { type: 'mention', text: '@Tomás Ferreira' },
    { type: 'text', text: ' see ' },
    { type: 'link', text: 'https://x.example/a' },
    { type: 'text', text: '.' },
  ]);
});

test('a mention starts after a space, not inside an address', () => {
  expect(mentionBefore('ask @Tom', 8)).toEqual({ start: 4, query: 'Tom' });
  expect(mentionBefore('me@x', 4)).toBeNull();
});
