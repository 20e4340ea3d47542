/**
 * Text with marks as Markdown. Emphasis in Markdown hangs on the characters around it, so what is
 * written is read again, and the plainest spelling that reads back as the same text is taken.
 */
import type { Mark, Node } from '@tiptap/pm/model';
import { readInline } from './parse';

type Spelling = {
  /** Around emphasis; the other one for where asterisks would run together. */
  italic: '*' | '_';
  /** Escape every character that ever means something, not only where it does. */
  careful: boolean;
  /** Write the letters beside emphasis as entities, which count as punctuation there. */
  guarded: boolean;
};

const SPELLINGS: readonly Spelling[] = [false, true].flatMap((careful) =>
  [false, true].flatMap((guarded) =>
    (['*', '_'] as const).map((italic) => ({ italic, careful, guarded })),
  ),
);

/** Where the text stands: a heading and a cell are one line, and a cell ends at a bar. */
export type Place = 'paragraph' | 'heading' | 'cell';

/** The Markdown of a block's inline content. */
export function inlineText(block: Node, place: Place = 'paragraph'): string {
  const nodes = block.children;
  let written = '';
  for (const spelling of SPELLINGS) {
    written = ends(atLineStart(sequence(nodes, 0, nodes.length, [], spelling)), place);
    if (place === 'cell') written = written.replaceAll('|', '\\|');
    if (same(readInline(written, place), nodes)) return written;
  }
  return written;
}

function same(read: readonly Node[] | null, nodes: readonly Node[]): boolean {
  return (
    read?.length === nodes.length && read.every((node, index) => node.eq(nodes[index] as Node))
  );
}

function sequence(
  nodes: readonly Node[],
  from: number,
  to: number,
  open: readonly Mark[],
  spelling: Spelling,
): string {
  let text = '';
  for (let at = from; at < to;) {
    const node = nodes[at] as Node;
    const inside = node.marks.filter((mark) => !mark.isInSet(open));
    const code = inside.find((mark) => mark.type.name === 'code');
    const outer = inside.filter((mark) => mark !== code);
    if (outer.length === 0) {
      text = join(text, code ? codeSpan(node.text ?? '') : leaf(node, spelling), '');
      at += 1;
      continue;
    }
    const { mark, end } = widest(nodes, at, to, outer);
    const inner = sequence(nodes, at, end, [...open, mark], spelling);
    text = wrap(text, inner, mark, spelling);
    at = end;
  }
  return text;
}

/** The mark that lasts longest, which is written outermost; a link is never cut in two. */
function widest(
  nodes: readonly Node[],
  at: number,
  to: number,
  marks: readonly Mark[],
): { mark: Mark; end: number } {
  const reach = (mark: Mark) => {
    let end = at;
    while (end < to && mark.isInSet(nodes[end]?.marks ?? [])) end += 1;
    return end;
  };
  const link = marks.find((mark) => mark.type.name === 'link');
  const reaches = marks.map((mark) => ({ mark, end: cut(nodes, at, reach(mark)) }));
  const best = reaches.reduce((one, other) => (other.end > one.end ? other : one));
  const linkEnd = link ? reach(link) : 0;
  return link && linkEnd >= best.end ? { mark: link, end: linkEnd } : best;
}

/** Moves an end that falls inside a link to before the link. */
function cut(nodes: readonly Node[], at: number, end: number): number {
  const linkOf = (index: number) =>
    nodes[index]?.marks.find((mark) => mark.type.name === 'link') ?? null;
  const link = linkOf(end);
  if (!link || !linkOf(end - 1)?.eq(link)) return end;
  let start = end;
  while (start > at && linkOf(start - 1)?.eq(link)) start -= 1;
  return start > at ? start : end;
}

function wrap(before: string, inner: string, mark: Mark, spelling: Spelling): string {
  if (mark.type.name === 'link') return join(before, linkText(inner, mark), '');
  const sign = { bold: '**', italic: spelling.italic, strike: '~~' }[mark.type.name] ?? '';
  const body = guardEdges(inner);
  const left = spelling.guarded ? entityAtEnd(before) : before;
  return join(left, `${sign}${body}${sign}`, spelling.guarded ? GUARD : '');
}

// Stands where the next letter has to become an entity; never part of a text.
const GUARD = '\u{10FFFF}';

function join(before: string, text: string, after: string): string {
  if (before.endsWith(GUARD)) {
    const first = String.fromCodePoint(text.codePointAt(0) ?? 32);
    const letter = /[^\s\p{P}\p{S}]/u.test(first);
    const rest = letter ? `${entity(first)}${text.slice(first.length)}` : text;
    return before.slice(0, -GUARD.length) + rest + after;
  }
  return before + text + after;
}

function entity(letter: string): string {
  return `&#${letter.codePointAt(0)};`;
}

function entityAtEnd(text: string): string {
  if (text.endsWith(GUARD)) return text;
  const last = /[^\s\p{P}\p{S}]$/u.exec(text)?.[0];
  return last ? text.slice(0, -last.length) + entity(last) : text;
}

/** White space at the edge of emphasis would end it before it began. */
function guardEdges(inner: string): string {
  return inner
    .replace(/^\s/u, (space) => entity(space))
    .replace(/\s$/u, (space) => entity(space))
    .replaceAll(GUARD, '');
}

function leaf(node: Node, spelling: Spelling): string {
  if (node.type.name === 'hardBreak') return '\\\n';
  if (node.type.name === 'image') return imageText(node);
  return escape(node.text ?? '', spelling.careful);
}

const ALWAYS =
  /[\\`*[\]]|_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_|~(?=~)|(?<=~)~|<(?=[a-z/!?])|&(?=#?\w+;)/giu;
const CAREFUL = /[\\`*_[\]~<>&!()#+\-.]/g;

function escape(text: string, careful: boolean): string {
  return text.replace(careful ? CAREFUL : ALWAYS, '\\$&').replace(/^\n|\n/g, ' ');
}

/** A picture, alone or in a text. */
export function imageText(node: Node): string {
  const { alt, src, title } = node.attrs as { alt: string; src: string; title: string };
  const written = (label: string) => `![${label}](${destination(src)}${titleText(title)})`;
  const plain = written(alt);
  const read = readInline(plain, 'paragraph')?.[0];
  // The help center reads a picture's text as it is written: it is escaped only where it must be.
  if (read?.type.name === 'image' && read.attrs.alt === alt && !/^\s|\s$|\n/.test(alt))
    return plain;
  return written(escape(alt, true));
}

function linkText(inner: string, mark: Mark): string {
  const { href, title } = mark.attrs as { href: string; title: string };
  if (!title && /^(https?|mailto|tel):[^\s<>&\\]*$/i.test(href) && unescaped(inner) === href)
    return `<${href}>`;
  return `[${inner.replaceAll(GUARD, '')}](${destination(href)}${titleText(title)})`;
}

function unescaped(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

function destination(href: string): string {
  const flat = href.replace(/[\r\n]/g, '');
  const safe = flat.replace(/\\/g, '\\\\').replace(/&(?=#?\w+;)/g, '\\&');
  if (safe !== '' && !/[\s()<>\p{Cc}]/u.test(safe)) return safe;
  return `<${safe.replace(/[<>]/g, '\\$&')}>`;
}

function titleText(title: string): string {
  if (!title) return '';
  const safe = title
    .replace(/[\r\n]+/g, ' ')
    .replace(/["\\]/g, '\\$&')
    .replace(/&(?=#?\w+;)/g, '\\&');
  return ` "${safe}"`;
}

function codeSpan(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  let tick = '`';
  while (new RegExp(`(?<!\`)${tick}(?!\`)`).test(text)) tick += '`';
  if (tick.length > longest + 1) tick = '`'.repeat(longest + 1);
  const pad = /^`|`$/.test(text) || (/^ .* $/s.test(text) && text.trim() !== '') ? ' ' : '';
  return `${tick}${pad}${text}${pad}${tick}`;
}

/** At the start of a line, more characters mean something. */
function atLineStart(text: string): string {
  return text
    .replaceAll(GUARD, '')
    .split('\n')
    .map((line) =>
      line
        .replace(/^\s+/u, '')
        .replace(/^(#{1,6})(?=\s|$)/, '\\$1')
        .replace(/^([-+])(?=\s|$)/, '\\$1')
        .replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')
        .replace(/^([>=|])/, '\\$1')
        .replace(/^(-)(?=[-\s]*$)/, '\\$1')
        .replace(/^(:?-+)(?=\s*[:|-])/, '\\$1')
        .replace(/^~~~/, '\\~~~')
        .replace(/^_(?=[_\s]*$)/, '\\_'),
    )
    .join('\n');
}

function ends(text: string, place: Place): string {
  const flat = place === 'paragraph' ? text : text.replace(/\\\n/g, ' ');
  const cut = flat.replace(/\s+$/u, '');
  // A heading's last signs would close it.
  return place === 'heading' ? cut.replace(/(^|\s)(#+)$/, '$1\\$2') : cut;
}
