/**
 * Stands in for what markdown-it brings for work that articles do not ask of it: finding addresses
 * in text (`linkify-it`) and rewriting those of links (`mdurl`, `punycode.js`), which are kept as
 * they were written.
 */
export default class Unused {
  static toASCII = same;
  static toUnicode = same;
}

function same(text: string): string {
  return text;
}

export { same as decode, same as encode, same as format, same as parse };
