/**
 * Markdown to the editor's document, in the dialect that the help center renders: CommonMark with
 * tables and strike-through, HTML as text, callouts, figures and tasks.
 */
import { Fragment, type Mark, type Node } from '@tiptap/pm/model';
import MarkdownIt, { type Token } from 'markdown-it';
import { CALLOUTS, schema } from './schema';

const md = new MarkdownIt('commonmark', { html: false }).enable(['table', 'strikethrough']);
// A link is kept as it was written; the desk's renderer decides what may be followed.
md.validateLink = () => true;
md.normalizeLink = (url) => url;
md.normalizeLinkText = (text) => text;

const CALLOUT = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*$/i;
const TASK = /^\[([ xX])\] /;

/** What inline text reads as where it is to stand; null when it would become another block. */
export function readInline(
  text: string,
  place: 'paragraph' | 'heading' | 'cell',
): readonly Node[] | null {
  if (text === '') return [];
  if (place === 'cell')
    return inline(md.parseInline(text.replaceAll('\\|', '|'), {})[0]?.children ?? []);
  const [opening, content, , more] = md.parse(place === 'heading' ? `## ${text}` : text, {});
  if (more || opening?.type !== `${place}_open`) return null;
  return inline(content?.children ?? []);
}

/** A block of the text and the half-open range of lines it was written on. */
export type Block = { node: Node; from: number; to: number };

/** The blocks of a text, in order. Lines that belong to none are reference definitions. */
export function parseBlocks(lines: readonly string[]): Block[] {
  const environment = {};
  const tokens = md.parse(lines.join('\n'), environment);
  const blocks: Block[] = [];
  for (let index = 0; index < tokens.length;) {
    const end = closing(tokens, index);
    const [from, to] = tokens[index]?.map ?? [0, 0];
    const node = block(tokens.slice(index, end + 1));
    if (node) blocks.push({ node, from, to: trimmed(lines, from, to) });
    index = end + 1;
  }
  return withVerbatim(lines, blocks);
}

/** Blocks end before the blank lines that follow them. */
function trimmed(lines: readonly string[], from: number, to: number): number {
  let end = to;
  while (end > from + 1 && lines[end - 1]?.trim() === '') end -= 1;
  return end;
}

/** What no block covers, such as reference definitions, becomes a block of its own. */
function withVerbatim(lines: readonly string[], blocks: readonly Block[]): Block[] {
  const found: Block[] = [];
  let line = 0;
  const rest = (until: number) => {
    let from = line;
    while (from < until) {
      while (from < until && lines[from]?.trim() === '') from += 1;
      let to = from;
      while (to < until && lines[to]?.trim() !== '') to += 1;
      if (to > from) found.push({ node: verbatim(lines.slice(from, to).join('\n')), from, to });
      from = to;
    }
  };
  for (const one of blocks) {
    rest(one.from);
    found.push(one);
    line = Math.max(line, one.to);
  }
  rest(lines.length);
  return found;
}

function verbatim(text: string): Node {
  return make('verbatim', {}, text ? [schema.text(text)] : []);
}

function make(type: string, attrs: Record<string, unknown>, content: readonly Node[]): Node {
  const kind = schema.nodes[type];
  if (!kind) throw new Error(`no node ${type}`);
  return kind.create(attrs, Fragment.fromArray([...content]));
}

/** The index of the token that closes the one at `index`. */
function closing(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at += 1) {
    depth += tokens[at]?.nesting ?? 0;
    if (depth === 0) return at;
  }
  return tokens.length - 1;
}

function blocksOf(tokens: readonly Token[]): Node[] {
  const found: Node[] = [];
  for (let index = 0; index < tokens.length;) {
    const end = closing(tokens, index);
    const node = block(tokens.slice(index, end + 1));
    if (node) found.push(node);
    index = end + 1;
  }
  return found;
}

function filled(found: Node[]): Node[] {
  return found.length > 0 ? found : [make('paragraph', {}, [])];
}

function block(tokens: readonly Token[]): Node | null {
  const first = tokens[0];
  const inner = tokens.slice(1, -1);
  switch (first?.type) {
    case 'paragraph_open':
      return paragraph(inner[0]?.children ?? []);
    case 'heading_open':
      return make('heading', { level: Number(first.tag[1]) }, inline(inner[0]?.children ?? []));
    case 'blockquote_open':
      return quotation(inner);
    case 'bullet_list_open':
      return make('bulletList', { tight: isTight(inner) }, items(inner));
    case 'ordered_list_open':
      return make(
        'orderedList',
        { start: Number(first.attrGet('start') ?? 1), tight: isTight(inner) },
        items(inner),
      );
    case 'fence':
    case 'code_block':
      return code(first);
    case 'hr':
      return make('horizontalRule', {}, []);
    case 'table_open':
      return table(tokens);
    default:
      return null;
  }
}

function code(token: Token): Node {
  const text = token.content.replace(/\n$/, '');
  return make('codeBlock', { info: token.info.trim() }, text ? [schema.text(text)] : []);
}

function paragraph(children: readonly Token[]): Node {
  const [only] = children;
  if (children.length === 1 && only?.type === 'image') return make('figure', picture(only), []);
  return make('paragraph', {}, inline(children));
}

function picture(token: Token): Record<string, string> {
  return {
    src: token.attrGet('src') ?? '',
    alt: plain(token.children ?? []),
    title: token.attrGet('title') ?? '',
  };
}

function plain(children: readonly Token[]): string {
  return children
    .map((child) =>
      child.type === 'softbreak' || child.type === 'hardbreak'
        ? ' '
        : child.type === 'image'
          ? plain(child.children ?? [])
          : child.content,
    )
    .join('');
}

function quotation(inner: readonly Token[]): Node {
  const children = inner[0]?.type === 'paragraph_open' ? (inner[1]?.children ?? []) : [];
  const [first, second] = children;
  const kind = first?.type === 'text' && CALLOUT.exec(first.content)?.[1]?.toLowerCase();
  if (!kind || (second && second.type !== 'softbreak') || !isCallout(kind))
    return make('blockquote', {}, filled(blocksOf(inner)));
  const rest = children.slice(2);
  const body = blocksOf(inner.slice(3));
  if (rest.length > 0) body.unshift(paragraph(rest));
  return make('callout', { kind }, filled(body));
}

function isCallout(kind: string): boolean {
  return (CALLOUTS as readonly string[]).includes(kind);
}

function isTight(inner: readonly Token[]): boolean {
  const level = inner[0]?.level ?? 0;
  return !inner.some(
    (token) => token.type === 'paragraph_open' && token.level === level + 1 && !token.hidden,
  );
}

function items(inner: readonly Token[]): Node[] {
  const found: Node[] = [];
  for (let index = 0; index < inner.length;) {
    const end = closing(inner, index);
    found.push(item(inner.slice(index + 1, end)));
    index = end + 1;
  }
  return found;
}

function item(inner: readonly Token[]): Node {
  let checked: boolean | null = null;
  const [opening, text] = inner;
  const first = text?.children?.[0];
  if (opening?.type === 'paragraph_open' && first?.type === 'text') {
    const mark = TASK.exec(first.content);
    if (mark) {
      checked = mark[1] !== ' ';
      first.content = first.content.slice(mark[0].length);
    }
  }
  const body = blocksOf(inner);
  // An item begins with a paragraph in the editor, if an empty one.
  if (body[0]?.type.name !== 'paragraph') body.unshift(make('paragraph', {}, []));
  return make('listItem', { checked }, body);
}

function table(tokens: readonly Token[]): Node {
  const rows: Node[] = [];
  let cells: Node[] = [];
  tokens.forEach((token, index) => {
    if (token.type === 'tr_open') cells = [];
    if (token.type === 'tr_close') rows.push(make('tableRow', {}, cells));
    if (token.type === 'th_open' || token.type === 'td_open') {
      const align = /text-align:(\w+)/.exec(token.attrGet('style') ?? '')?.[1] ?? null;
      cells.push(
        make(
          token.type === 'th_open' ? 'tableHeader' : 'tableCell',
          { align },
          inline(tokens[index + 1]?.children ?? []),
        ),
      );
    }
  });
  return make('table', {}, rows);
}

const MARKS: Record<string, string> = { strong: 'bold', em: 'italic', s: 'strike' };

function inline(children: readonly Token[]): Node[] {
  const found: Node[] = [];
  let open: readonly Mark[] = [];
  const add = (node: Node) => {
    const last = found.at(-1);
    if (
      last?.isText &&
      node.isText &&
      last.marks.length === node.marks.length &&
      sameMarks(last, node)
    )
      found[found.length - 1] = schema.text(`${last.text}${node.text}`, last.marks);
    else found.push(node);
  };
  const say = (text: string, marks: readonly Mark[] = open) => {
    if (text) add(schema.text(text, marks));
  };
  for (const token of children) {
    const name = MARKS[token.tag];
    if (token.type === 'text') say(token.content);
    else if (token.type === 'softbreak') say(' ');
    else if (token.type === 'hardbreak') add(make('hardBreak', {}, []).mark(open));
    else if (token.type === 'code_inline') say(token.content, schema.mark('code').addToSet(open));
    else if (token.type === 'image') add(make('image', picture(token), []).mark(open));
    else if (token.type === 'link_open')
      open = schema
        .mark('link', { href: token.attrGet('href') ?? '', title: token.attrGet('title') ?? '' })
        .addToSet(open);
    else if (token.type === 'link_close') open = open.filter((mark) => mark.type.name !== 'link');
    else if (name && token.nesting === 1) open = schema.mark(name).addToSet(open);
    else if (name && token.nesting === -1) open = open.filter((mark) => mark.type.name !== name);
    else say(token.content);
  }
  return found;
}

function sameMarks(one: Node, other: Node): boolean {
  return one.marks.every((mark, index) => other.marks[index]?.eq(mark));
}
