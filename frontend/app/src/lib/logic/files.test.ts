import { expect, it } from 'vitest';
import { fileProblem } from './files';

const MMS = {
  attachments: true,
  max_attachment_bytes: 5_000_000,
  max_attachments: 2,
  attachment_types: ['image/*', 'application/pdf'],
};
const picture = { size: 1000, type: 'image/png' };

it('takes what the channel takes', () => {
  expect(fileProblem(picture, MMS, 0)).toBeNull();
  expect(fileProblem({ size: 9, type: 'application/pdf' }, MMS, 1)).toBeNull();
});

it('says what stands against a file', () => {
  expect(fileProblem({ ...picture, size: 5_000_001 }, MMS, 0)).toBe('too-large');
  expect(fileProblem({ size: 9, type: 'application/zip' }, MMS, 0)).toBe('wrong-type');
  expect(fileProblem(picture, MMS, 2)).toBe('too-many');
  expect(fileProblem(picture, { ...MMS, attachments: false }, 0)).toBe('none');
});

it('leaves a file of an unknown type to the server', () => {
  expect(fileProblem({ size: 9, type: '' }, MMS, 0)).toBeNull();
});

it('takes any type where the channel names none', () => {
  expect(
    fileProblem({ size: 9, type: 'font/woff2' }, { ...MMS, attachment_types: [] }, 0),
  ).toBeNull();
});
