import { expect, it } from 'vitest';
import type { TemplateOffer } from '$shared/api/types';
import { filledBody, gapsOf, isComplete, templateOf } from './template';

const ORDER: TemplateOffer = {
  name: 'order_update',
  language: 'en_US',
  body: 'Hello {{1}}, your order {{2}} is on its way, {{1}}.',
  parameters: 2,
  names: [],
  header: '',
  header_kind: '',
  footer: '',
  buttons: ['Track', 'Ask us'],
  button_kinds: ['url', 'quick_reply'],
  category: 'utility',
  usable: true,
  note: '',
};
const filled = { body: ['Kari', 'FS-1'], header: '', buttons: ['FS-1', ''] };

it('numbers the gaps that have no names', () => {
  expect(gapsOf(ORDER)).toEqual(['1', '2']);
  expect(gapsOf({ ...ORDER, names: ['name', 'order'] })).toEqual(['name', 'order']);
});

it('fills each place of a gap and leaves an empty one as it is', () => {
  expect(filledBody(ORDER, ['Kari', ''])).toBe('Hello Kari, your order {{2}} is on its way, Kari.');
});

it('asks for every gap, and for buttons that need a value', () => {
  expect(isComplete(ORDER, filled)).toBe(true);
  expect(isComplete(ORDER, { ...filled, body: ['Kari', ' '] })).toBe(false);
  expect(isComplete(ORDER, { ...filled, buttons: ['', ''] })).toBe(false);
  expect(isComplete({ ...ORDER, header_kind: 'image' }, filled)).toBe(false);
});

it('keeps the place of each button', () => {
  const sent = templateOf(ORDER, filled);
  expect(sent.parameters).toEqual(['Kari', 'FS-1']);
  expect(sent.buttons).toEqual(['FS-1', '']);
  expect(sent.button_kinds).toEqual(['url', 'quick_reply']);
});
