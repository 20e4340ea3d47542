/**
 * What an article is made of, as TipTap nodes: exactly what the desk's Markdown can say.
 *
 * A callout is a quotation that begins with `[!NOTE]`; a figure a picture alone in its paragraph,
 * its title the caption; a task an item that begins with `[ ]`. What the editor does not know
 * (reference definitions, HTML) is a `verbatim` block, kept as it was written.
 */
import { getExtensionField, getSchema, Mark, Node, type Extensions } from '@tiptap/core';

declare module '@tiptap/core' {
  interface NodeConfig {
    /** What the table commands take the node for. */
    tableRole?: 'table' | 'row' | 'cell' | 'header_cell';
  }
}

export const CALLOUTS = ['note', 'tip', 'important', 'warning', 'caution'] as const;
export type Callout = (typeof CALLOUTS)[number];

const Document = Node.create({ name: 'doc', topNode: true, content: 'block+' });
const Text = Node.create({ name: 'text', group: 'inline' });

const Paragraph = Node.create({
  name: 'paragraph',
  priority: 1000,
  group: 'block',
  content: 'inline*',
  parseHTML: () => [{ tag: 'p' }],
  renderHTML: () => ['p', { dir: 'auto' }, 0],
});

const Heading = Node.create({
  name: 'heading',
  group: 'block',
  content: 'inline*',
  defining: true,
  addAttributes: () => ({ level: { default: 2, rendered: false } }),
  parseHTML: () =>
    [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level: Math.max(2, level) } })),
  // The page has one h1, the title; deeper levels end at h4 there.
  renderHTML: ({ node }) => [
    `h${Math.min(4, Math.max(2, node.attrs.level as number))}`,
    { dir: 'auto' },
    0,
  ],
});

const Blockquote = Node.create({
  name: 'blockquote',
  group: 'block',
  content: 'block+',
  defining: true,
  parseHTML: () => [{ tag: 'blockquote' }],
  renderHTML: () => ['blockquote', 0],
});

const CalloutNode = Node.create({
  name: 'callout',
  group: 'block',
  content: 'block+',
  defining: true,
  addAttributes: () => ({ kind: { default: 'note', rendered: false } }),
  parseHTML: () => [
    {
      tag: 'aside.callout',
      getAttrs: (element) => ({
        kind: CALLOUTS.find((kind) => element.classList.contains(kind)) ?? 'note',
      }),
    },
  ],
  renderHTML: ({ node }) => [
    'aside',
    { class: `callout ${node.attrs.kind}`, 'data-kind': node.attrs.kind as string },
    0,
  ],
});

const BulletList = Node.create({
  name: 'bulletList',
  group: 'block',
  content: 'listItem+',
  addAttributes: () => ({ tight: { default: true, rendered: false } }),
  parseHTML: () => [{ tag: 'ul' }],
  renderHTML: () => ['ul', 0],
});

const OrderedList = Node.create({
  name: 'orderedList',
  group: 'block',
  content: 'listItem+',
  addAttributes: () => ({
    start: { default: 1, rendered: false },
    tight: { default: true, rendered: false },
  }),
  parseHTML: () => [
    { tag: 'ol', getAttrs: (element) => ({ start: (element as HTMLOListElement).start }) },
  ],
  renderHTML: ({ node }) => ['ol', { class: 'steps', start: node.attrs.start as number }, 0],
});

const ListItem = Node.create({
  name: 'listItem',
  content: 'paragraph block*',
  defining: true,
  addAttributes: () => ({ checked: { default: null, rendered: false } }),
  parseHTML: () => [{ tag: 'li' }],
  renderHTML: ({ node }) =>
    node.attrs.checked === null
      ? ['li', { dir: 'auto' }, 0]
      : ['li', { dir: 'auto', class: 'task', 'data-checked': String(node.attrs.checked) }, 0],
});

const CodeBlock = Node.create({
  name: 'codeBlock',
  group: 'block',
  content: 'text*',
  marks: '',
  code: true,
  defining: true,
  addAttributes: () => ({ info: { default: '', rendered: false } }),
  parseHTML: () => [{ tag: 'pre', preserveWhitespace: 'full' }],
  renderHTML: () => ['pre', { dir: 'ltr' }, ['code', 0]],
});

const Rule = Node.create({
  name: 'horizontalRule',
  group: 'block',
  parseHTML: () => [{ tag: 'hr' }],
  renderHTML: () => ['hr'],
});

const pictureAttributes = () => ({
  src: { default: '' },
  alt: { default: '' },
  title: { default: '' },
});

const Figure = Node.create({
  name: 'figure',
  group: 'block',
  draggable: true,
  addAttributes: pictureAttributes,
  parseHTML: () => [{ tag: 'figure[data-src]' }],
  renderHTML: ({ node }) => [
    'figure',
    { class: 'fig' },
    ['img', { src: shown(node.attrs.src as string), alt: node.attrs.alt as string }],
    ...(node.attrs.title ? [['figcaption', { dir: 'auto' }, node.attrs.title as string]] : []),
  ],
});

const Image = Node.create({
  name: 'image',
  group: 'inline',
  inline: true,
  draggable: true,
  addAttributes: pictureAttributes,
  parseHTML: () => [{ tag: 'img[src]' }],
  renderHTML: ({ node }) => [
    'img',
    { src: shown(node.attrs.src as string), alt: node.attrs.alt as string },
  ],
});

const HardBreak = Node.create({
  name: 'hardBreak',
  group: 'inline',
  inline: true,
  selectable: false,
  parseHTML: () => [{ tag: 'br' }],
  renderHTML: () => ['br'],
  addKeyboardShortcuts() {
    return {
      'Shift-Enter': () => this.editor.commands.insertContent({ type: 'hardBreak' }),
      'Mod-Enter': () => false,
    };
  },
});

const Table = Node.create({
  name: 'table',
  group: 'block',
  content: 'tableRow+',
  tableRole: 'table',
  isolating: true,
  extendNodeSchema: (extension) => ({ tableRole: getExtensionField(extension, 'tableRole') }),
  parseHTML: () => [{ tag: 'table' }],
  renderHTML: () => ['table', ['tbody', 0]],
});

const TableRow = Node.create({
  name: 'tableRow',
  content: '(tableHeader | tableCell)+',
  tableRole: 'row',
  parseHTML: () => [{ tag: 'tr' }],
  renderHTML: () => ['tr', 0],
});

const cell = (name: string, tag: 'td' | 'th') =>
  Node.create({
    name,
    content: 'inline*',
    tableRole: tag === 'th' ? 'header_cell' : 'cell',
    isolating: true,
    addAttributes: () => ({
      align: { default: null, rendered: false },
      // The table commands expect these; Markdown has no spans.
      colspan: { default: 1, rendered: false },
      rowspan: { default: 1, rendered: false },
      colwidth: { default: null, rendered: false },
    }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ node }) => [
      tag,
      { dir: 'auto', class: node.attrs.align ? `align-${node.attrs.align}` : null },
      0,
    ],
  });

const Verbatim = Node.create({
  name: 'verbatim',
  group: 'block',
  content: 'text*',
  marks: '',
  code: true,
  defining: true,
  parseHTML: () => [{ tag: 'pre[data-verbatim]', priority: 60, preserveWhitespace: 'full' }],
  renderHTML: () => ['pre', { 'data-verbatim': '', dir: 'ltr', class: 'verbatim' }, ['code', 0]],
});

const mark = (name: string, tag: string, also: string[] = [], key?: string) =>
  Mark.create({
    name,
    parseHTML: () => [tag, ...also].map((one) => ({ tag: one })),
    renderHTML: () => [tag, 0],
    ...(key
      ? {
          addKeyboardShortcuts() {
            return { [key]: () => this.editor.commands.toggleMark(name) };
          },
        }
      : {}),
  });

const Link = Mark.create({
  name: 'link',
  priority: 1000,
  inclusive: false,
  addAttributes: () => ({ href: { default: '' }, title: { default: '' } }),
  parseHTML: () => [
    {
      tag: 'a[href]',
      getAttrs: (element) =>
        isSafe(element.getAttribute('href') ?? '')
          ? { href: element.getAttribute('href'), title: element.getAttribute('title') ?? '' }
          : false,
    },
  ],
  // Shown, not followed: a link in the editor is text to be edited.
  renderHTML: ({ mark }) => ['a', { 'data-href': mark.attrs.href as string, class: 'link' }, 0],
});

const Code = Mark.create({
  name: 'code',
  code: true,
  excludes: 'bold italic strike code',
  parseHTML: () => [{ tag: 'code' }],
  renderHTML: () => ['code', 0],
  addKeyboardShortcuts() {
    return { 'Mod-e': () => this.editor.commands.toggleMark('code') };
  },
});

export const nodes: Extensions = [
  Document,
  Text,
  Paragraph,
  Heading,
  Blockquote,
  CalloutNode,
  BulletList,
  OrderedList,
  ListItem,
  CodeBlock,
  Rule,
  Figure,
  Image,
  HardBreak,
  Table,
  TableRow,
  cell('tableHeader', 'th'),
  cell('tableCell', 'td'),
  Verbatim,
  Link,
  mark('bold', 'strong', ['b'], 'Mod-b'),
  mark('italic', 'em', ['i'], 'Mod-i'),
  mark('strike', 's', ['del'], 'Mod-Shift-s'),
  Code,
];

export const schema = getSchema(nodes);

/** Whether a link leads somewhere that a reader's browser may follow. */
export function isSafe(href: string): boolean {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(href)?.[1]?.toLowerCase();
  return scheme === undefined || ['http', 'https', 'mailto', 'tel'].includes(scheme);
}

/** Pictures come from the desk itself; another host's is shown by its text, as its policy asks. */
function shown(src: string): string {
  return isSafe(src) ? src : '';
}
