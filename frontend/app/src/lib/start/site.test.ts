import { describe, expect, it } from 'vitest';
import { originOf, snippet } from './site';

describe('a website as people write it', () => {
  it.each([
    ['https://shop.example/boots?a=1', 'https://shop.example'],
    ['shop.example', 'https://shop.example'],
    [' Shop.Example/ ', 'https://shop.example'],
    ['http://localhost:5173/x', 'http://localhost:5173'],
    ['https://חנות.example', 'https://xn--9dbd1a4b.example'],
  ])('%s is the origin %s', (text, origin) => {
    expect(originOf(text)).toBe(origin);
  });

  it.each(['', '   ', 'my shop', 'shop', 'javascript:alert(1)', 'file:///x', 'https://'])(
    '%s is none',
    (text) => {
      expect(originOf(text)).toBeNull();
    },
  );
});

it('is one line of HTML with the key in it', () => {
  expect(snippet('https://desk.example', 'k1')).toBe(
    '<script async src="https://desk.example/widget/loader.js" data-inbox="k1"></script>',
  );
});
