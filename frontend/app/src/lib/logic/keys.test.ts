import { describe, expect, test } from 'vitest';
import { isTyping, keyName } from './keys';

const press = (key: string, code: string, over: object = {}) =>
  keyName({ key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...over });

describe('the key that was meant', () => {
  test('Latin layouts go by the letter, wherever it is printed', () => {
    expect(press('j', 'KeyC')).toBe('j');
    expect(press('J', 'KeyJ', { shiftKey: true })).toBe('shift+j');
    expect(press('?', 'Slash', { shiftKey: true })).toBe('?');
  });
  test('Hebrew and Arabic layouts go by the place', () => {
    expect(press('ח', 'KeyJ')).toBe('j');
    expect(press('ق', 'KeyR')).toBe('r');
    expect(press('ף', 'Semicolon')).toBe(';');
  });
  test('Cmd and Ctrl are one, Alt is left alone', () => {
    expect(press('k', 'KeyK', { metaKey: true })).toBe('mod+k');
    expect(press('Enter', 'Enter', { ctrlKey: true, shiftKey: true })).toBe('mod+shift+enter');
    expect(press('˙', 'KeyH', { altKey: true })).toBeNull();
  });
});

test('keys typed into a field are text', () => {
  const input = document.createElement('input');
  expect(isTyping(input)).toBe(true);
  expect(isTyping(document.body)).toBe(false);
});
