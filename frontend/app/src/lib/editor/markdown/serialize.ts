/** The editor's document as Markdown, one way of writing each thing. */
import type { Node } from '@tiptap/pm/model';
import { imageText, inlineText } from './inline';

/** The marker of a list, which a list right after it must not share. */
export type Before = { marker: string } | null;

/** A block's Markdown; `before` is the list right before it, if there is one. */
export function blockText(node: Node, before: Before = null): string {
  switch (node.type.name) {
    case 'paragraph':
      return inlineText(node);
    case 'heading':
      return heading(node);
    case 'blockquote':
      return quoted(blocksText(node.children));
    case 'callout':
      return callout(node);
    case 'bulletList':
      return list(node, () => (before?.marker === '-' ? '*' : '-'));
    case 'orderedList': {
      const sign = before?.marker === '.' ? ')' : '.';
      return list(node, (index) => `${(node.attrs.start as number) + index}${sign}`);
    }
    case 'codeBlock':
      return fenced(node);
    case 'horizontalRule':
      return '___';
    case 'figure':
      return imageText(node);
    case 'table':
      return table(node);
    case 'verbatim':
      return node.textContent;
    default:
      throw new Error(`no Markdown for ${node.type.name}`);
  }
}

/** Which marker a list's own Markdown uses; null for anything else. */
export function markerOf(node: Node | null | undefined, text: string): Before {
  if (node?.type.name === 'bulletList') return { marker: /[-+*]/.exec(text)?.[0] ?? '-' };
  if (node?.type.name === 'orderedList') return { marker: /\d([.)])/.exec(text)?.[1] ?? '.' };
  return null;
}

/** Blocks with a blank line between them, or none where a tight list can do without. */
function blocksText(nodes: readonly Node[], tight = false): string {
  let text = '';
  let previous: { node: Node; list: Before } | null = null;
  for (const node of nodes) {
    if (isEmpty(node)) continue;
    const one: string = blockText(node, previous?.list);
    if (previous) text += tight && follows(previous.node, node) ? '\n' : '\n\n';
    text += one;
    previous = { node, list: markerOf(node, one) };
  }
  return text;
}

/** Whether a list right below a paragraph is read as one without a blank line between them. */
function follows(paragraph: Node, list: Node): boolean {
  const first = list.firstChild?.firstChild;
  return (
    paragraph.type.name === 'paragraph' &&
    (list.type.name === 'bulletList' ||
      (list.type.name === 'orderedList' && list.attrs.start === 1)) &&
    first !== null &&
    first !== undefined &&
    !isEmpty(first)
  );
}

/** An empty paragraph, which Markdown has no way to write. */
export function isEmpty(node: Node): boolean {
  return (
    (node.type.name === 'paragraph' && /^\s*$/u.test(node.textContent) && !hasLeaf(node)) ||
    (node.type.name === 'verbatim' && node.textContent.trim() === '')
  );
}

function hasLeaf(node: Node): boolean {
  return node.children.some((child) => child.type.name === 'image');
}

function heading(node: Node): string {
  const level = node.attrs.level as number;
  const broken = node.children.some((child) => child.type.name === 'hardBreak');
  if (broken && level <= 2 && node.textContent.trim() !== '')
    return `${inlineText(node, 'paragraph')}\n${(level === 1 ? '=' : '-').repeat(3)}`;
  return `${'#'.repeat(level)} ${inlineText(node, 'heading')}`.trimEnd();
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

function callout(node: Node): string {
  const mark = `[!${String(node.attrs.kind).toUpperCase()}]`;
  const shown = node.children.filter((child) => !isEmpty(child));
  const first = shown[0]?.type.name;
  if (first === undefined) return `> ${mark}`;
  const gap = first === 'paragraph' || first === 'figure' ? '\n' : '\n\n';
  return quoted(mark + gap + blocksText(shown));
}

function list(node: Node, marker: (index: number) => string): string {
  const tight = node.attrs.tight === true;
  return node.children
    .map((item, index) => {
      const sign = marker(index);
      const [first, ...rest] = item.children;
      const shown = first && !isEmpty(first) ? [first, ...rest] : rest;
      let body = blocksText(shown, tight);
      if (item.attrs.checked !== null && first && !isEmpty(first))
        body = `[${item.attrs.checked ? 'x' : ' '}] ${body}`;
      return body === '' ? sign : `${sign} ${indented(body, sign.length + 1)}`;
    })
    .join(tight ? '\n' : '\n\n');
}

function indented(text: string, by: number): string {
  return text.replace(/\n(?!\n|$)/g, `\n${' '.repeat(by)}`);
}

function fenced(node: Node): string {
  const text = node.textContent;
  const info = String(node.attrs.info).replace(/[\\&]/g, '\\$&');
  const sign = info.includes('`') ? '~' : '`';
  const runs = [...text.matchAll(sign === '`' ? /`+/g : /~+/g)].map(([run]) => run.length);
  const fence = sign.repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return `${fence}${info}\n${text === '' ? '' : `${text}\n`}${fence}`;
}

const RULES: Record<string, string> = { left: ':--', right: '--:', center: ':-:' };

function table(node: Node): string {
  const rows = node.children.map((row) => row.children.map((cell) => inlineText(cell, 'cell')));
  const width = Math.max(...rows.map((row) => row.length));
  const line = (cells: readonly string[]) =>
    `| ${Array.from({ length: width }, (_, index) => cells[index] ?? '').join(' | ')} |`;
  const head = node.firstChild?.children ?? [];
  const rule = Array.from(
    { length: width },
    (_, index) => RULES[String(head[index]?.attrs.align)] ?? '---',
  );
  return [line(rows[0] ?? []), line(rule), ...rows.slice(1).map(line)].join('\n');
}
