/** Documents made up for the tests: everything the editor can hold, nested and mixed. */
import fc from 'fast-check';
import { Fragment, type Mark, type Node } from '@tiptap/pm/model';
import { CALLOUTS, schema } from './schema';

const make = (type: string, attrs: Record<string, unknown>, content: readonly Node[] = []) =>
  schema.nodes[type]!.create(attrs, Fragment.fromArray([...content]));

const WORDS = [
  'tent',
  'You have 60 days',
  'a',
  'naïve',
  'החזרת אוהל',
  'שק שינה',
  'إرجاع الخيمة',
  '返品は三十日以内',
  '中文。',
  '「引用」',
  'snake_case_name',
  '2 * 3',
  'a*b',
  '**not bold**',
  '_under_',
  '`tick`',
  '[x]',
  '[link](y)',
  '![img](z)',
  '<b>html</b>',
  '&amp;',
  '&#42;',
  'AT&T',
  '\\',
  'back\\slash',
  '#hash',
  '# no',
  '1. one',
  '2) two',
  '- dash',
  '+ plus',
  '> quote',
  '~~~',
  '~~gone~~',
  '---',
  '===',
  '|',
  'a|b',
  '***',
  '"quoted"',
  '(round)',
  'end.',
  '!',
  '¿qué?',
  '👩‍💻',
  'e\u0301',
  '$5',
  'http://x.example/a_b',
  '[!NOTE] no',
  ':--',
  '-',
  '`',
  '``',
  '100%',
  'a  b',
  '=',
  '* star',
  '#',
  '##',
  '1.',
  '\u00a0',
  '_',
  '*',
  '\\[',
  'x~y',
];

const word = fc.constantFrom(...WORDS);
const text = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: word },
      fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' }),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(' '))
  .map((raw) => raw.replace(/[\s\p{Cc}\p{Cs}\p{Co}\p{Cn}]+/gu, ' ').trim() || 'word')
  // An item's text that begins like a task is one: the dialect has no way to say otherwise.
  .map((raw) => raw.replace(/^\[[ xX]\](?=\s|$)/, 'word'));

const href = fc.constantFrom(
  '/help/en/articles/returns',
  'https://shop.example/a?b=1&c=2',
  'mailto:a@b.example',
  '/a(b)c',
  '/with space',
  '',
  '/a_b*c',
  '#part',
  'https://x.example/ö',
  '/&amp;',
  'https://x.example/',
  '/a\\b',
  '/<x>',
);
const title = fc.constantFrom(
  '',
  '',
  'A title',
  'with "quotes"',
  'כותרת',
  'a & b &amp; c',
  'back\\slash',
);
const alt = fc.constantFrom(
  'A tent',
  'אוהל',
  'a [b] c',
  'with *star*',
  '',
  'back\\slash',
  'a ] b',
  '`x`',
);
const picture = fc.record({
  src: fc.constantFrom('/help/files/1', 'https://x.example/i.png', '/with space.png'),
  alt,
  title,
});

type Piece = { text: string; marks: string[]; href: string | null; title: string; space: boolean };
const piece: fc.Arbitrary<Piece> = fc.record({
  text,
  marks: fc.subarray(['bold', 'italic', 'strike', 'code']),
  href: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, href),
  title,
  space: fc.boolean(),
});
const part = fc.oneof(
  { weight: 12, arbitrary: piece.map((one) => ({ piece: one })) },
  { weight: 1, arbitrary: fc.constant({ leaf: make('hardBreak', {}) }) },
  { weight: 1, arbitrary: picture.map((attrs) => ({ leaf: make('image', attrs) })) },
);

const nodeOf = (one: Piece): Node => {
  const code = one.marks.includes('code');
  const names = code ? ['code'] : one.marks;
  const marks = names.map((name) => schema.mark(name));
  if (one.href !== null) marks.push(schema.mark('link', { href: one.href, title: one.title }));
  return schema.text(
    one.text,
    marks.reduce<readonly Mark[]>((set, mark) => mark.addToSet(set), []),
  );
};

/** Text as it stands in a block: no white space at its ends or beside a line break. */
export const inlines = (breaks: boolean) =>
  fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => {
    let nodes: Node[] = [];
    for (const one of parts) {
      if ('leaf' in one) {
        if (one.leaf.type.name === 'image') nodes.push(one.leaf);
        else if (breaks && nodes.length > 0 && nodes.at(-1)?.type.name !== 'hardBreak')
          nodes.push(one.leaf);
      } else {
        if (one.piece.space && nodes.at(-1)?.isText) nodes.push(schema.text(' '));
        nodes.push(nodeOf(one.piece));
      }
    }
    while (nodes.at(-1)?.type.name === 'hardBreak') nodes = nodes.slice(0, -1);
    return Fragment.fromArray(nodes).content.length > 0 ? joined(nodes) : [schema.text('word')];
  });

function joined(nodes: readonly Node[]): Node[] {
  return [...schema.node('paragraph', null, Fragment.from(nodes as Node[])).children].reduce<
    Node[]
  >((found, node) => {
    const last = found.at(-1);
    const alike =
      last?.isText &&
      node.isText &&
      last.marks.length === node.marks.length &&
      last.marks.every((mark, index) => mark.eq(node.marks[index]!));
    if (last && alike)
      found[found.length - 1] = schema.text(`${last.text}${node.text}`, last.marks);
    else found.push(node);
    return found;
  }, []);
}

export const paragraph = inlines(true).map((content) =>
  content.length === 1 && content[0]?.type.name === 'image' && content[0].marks.length === 0
    ? make('figure', content[0].attrs)
    : make('paragraph', {}, content),
);
const heading = fc
  .tuple(fc.integer({ min: 1, max: 6 }), inlines(false))
  .map(([level, content]) => make('heading', { level }, content));
const code = fc
  .record({
    info: fc.constantFrom('', 'python', 'c++', 'a b', 'x`y'),
    lines: fc.array(
      fc.constantFrom('x = 1', '  indented', '```', '~~~~', '', '\ttab', '<b>', '&amp;', '- a'),
      {
        maxLength: 4,
      },
    ),
  })
  .map(({ info, lines }) => {
    const content = lines.join('\n');
    return make('codeBlock', { info }, content ? [schema.text(content)] : []);
  });
const figure = picture.map((attrs) => make('figure', attrs));
const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc
    .record({
      aligns: fc.array(fc.constantFrom(null, 'left', 'right', 'center'), {
        minLength: width,
        maxLength: width,
      }),
      rows: fc.array(
        fc.array(
          fc.oneof(
            { weight: 1, arbitrary: fc.constant([]) },
            { weight: 5, arbitrary: inlines(false) },
          ),
          {
            minLength: width,
            maxLength: width,
          },
        ),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .map(({ aligns, rows }) =>
      make(
        'table',
        {},
        rows.map((cells, row) =>
          make(
            'tableRow',
            {},
            cells.map((content, column) =>
              make(row === 0 ? 'tableHeader' : 'tableCell', { align: aligns[column] }, content),
            ),
          ),
        ),
      ),
    ),
);

/** A tight list has no blank line anywhere inside, so nothing in it may need one. */
function listOf(
  kind: 'bulletList' | 'orderedList',
  items: Node[][],
  start: number,
  checks: (boolean | null)[],
  wantsTight: boolean,
) {
  const settled = items.map((body, index) => {
    const first = body[0]?.type.name === 'paragraph' ? body : [make('paragraph', {}), ...body];
    const text = first[0]?.firstChild;
    const plain = text?.isText && text.marks.length === 0 ? (text.text ?? '') : '';
    const checked =
      first[0]?.content.size && text?.isText && !/^\[[ xX]\] /.test(plain) ? checks[index] : null;
    return make('listItem', { checked: checked ?? null }, first);
  });
  const blocks = items.reduce((count, body) => count + body.length, 0);
  const spaced = items.flat().some((node) => ['paragraph', 'figure'].includes(node.type.name));
  const simple = items.every(([first, second, third]) => {
    const opening = second?.firstChild?.firstChild;
    const below = second?.type.name === 'bulletList' && (opening?.content.size ?? 0) > 0;
    return !second || (first?.type.name === 'paragraph' && below && !third);
  });
  const tight = !spaced || blocks === 1 || (wantsTight && simple);
  return make(kind, { ...(kind === 'orderedList' ? { start } : {}), tight }, settled);
}

export const { block } = fc.letrec<{ block: Node; list: Node }>((tie) => ({
  list: fc
    .record({
      kind: fc.constantFrom('bulletList' as const, 'orderedList' as const),
      start: fc.constantFrom(1, 1, 0, 7, 98),
      items: fc.array(fc.array(tie('block'), { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 3,
      }),
      checks: fc.array(fc.constantFrom(null, null, true, false), { minLength: 3, maxLength: 3 }),
      tight: fc.boolean(),
    })
    .map(({ kind, start, items, checks, tight }) => listOf(kind, items, start, checks, tight)),
  block: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    paragraph,
    heading,
    code,
    figure,
    fc.constant(make('horizontalRule', {})),
    table,
    fc
      .array(tie('block'), { minLength: 1, maxLength: 3 })
      .map((body) => make('blockquote', {}, body)),
    fc
      .tuple(fc.constantFrom(...CALLOUTS), fc.array(tie('block'), { minLength: 1, maxLength: 3 }))
      .map(([kind, body]) => make('callout', { kind }, body)),
    tie('list'),
  ),
}));

export const document = fc
  .array(block, { minLength: 1, maxLength: 6 })
  .map((blocks) => schema.node('doc', null, blocks));

/** Text that somebody may have typed or imported: everything that means something, in any order. */
export const anyMarkdown = fc
  .array(
    fc.oneof(
      word,
      fc.constantFrom(
        '\n',
        '\n\n',
        '\n\n\n',
        '    ',
        '\t',
        ' ',
        '- ',
        '* ',
        '1. ',
        '2) ',
        '> ',
        '# ',
        '```',
        '~~~',
        '[ref]: /x',
        '[ref]',
        '<div>',
        '</div>',
        '<!-- c -->',
        '  \n',
        '\\\n',
        '| a | b |\n|---|--:|\n| 1 | 2 |',
        '===',
        '---',
        '> [!WARNING]\n> ',
        '- [ ] ',
        '- [x] ',
        '![alt](/x "t")',
        '[a](/b)',
        '<http://x.example>',
        '**',
        '*',
        '_',
        '~~',
        '`',
        '&nbsp;',
        '\r\n',
      ),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));
