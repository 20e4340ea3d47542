import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '@tiptap/pm/model';
import { MarkdownDocument } from './document';
import { anyMarkdown, block, document } from './generated';
import { schema } from './schema';
import { blockText, markerOf, type Before } from './serialize';

const RUNS = Number(process.env.MARKDOWN_RUNS ?? 300);
const TIMEOUT = 30_000 + RUNS * 20;

/** Everything written anew, nothing kept as it stood. */
function anew(doc: Node): string {
  let before: Before = null;
  return doc.children
    .map((node) => {
      const text = blockText(node, before);
      before = markerOf(node, text);
      return text;
    })
    .join('\n\n');
}

const read = (markdown: string) => new MarkdownDocument(markdown).doc;

function expectSame(markdown: string, wanted: Node): void {
  const found = read(markdown);
  if (!found.eq(wanted))
    expect({ markdown, doc: `${found}` }).toEqual({ markdown, doc: `${wanted}` });
}

describe('the editor and Markdown', () => {
  it('reads back every document that it wrote', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(document, (doc) => expectSame(anew(doc), doc)),
      { numRuns: RUNS },
    );
  });

  it('gives a text back byte for byte when nothing was changed', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(anyMarkdown, (markdown) => {
        const kept = new MarkdownDocument(markdown);
        const same = schema.node('doc', null, kept.doc.content);
        expect(kept.text(same)).toBe(markdown.replace(/\r\n?/g, '\n'));
      }),
      { numRuns: RUNS * 3 },
    );
  });

  it('changes one block and no other byte', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(document, fc.nat(), block, (doc, at, other) => {
        const markdown = anew(doc).replaceAll('\n\n', '\n\n\n');
        const kept = new MarkdownDocument(markdown);
        const place = at % kept.doc.childCount;
        const [one, two] = [kept.doc.child(place - 1 < 0 ? 0 : place - 1), kept.doc.child(place)];
        if (one.type === other.type || two.type === other.type) return;
        const changed = kept.doc.replace(
          offset(kept.doc, place),
          offset(kept.doc, place),
          schema.node('doc', null, [other]).slice(0, other.nodeSize),
        );
        const text = kept.text(changed);
        expectSame(text, changed);
        const parts = text.split(blockText(other));
        expect(parts.length).toBeGreaterThan(1);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ['a paragraph beside a list', '* one\n* two\n\ntext _here_', 2],
    ['numbers that all are 1', '1. one\n1. two\n\ntext', 2],
    ['underlined headings', 'Title\n=====\n\nSub\n---\n\ntext', 3],
    ['definitions', 'See [the terms][t].\n\n[t]: /terms "Terms"\n\ntext', 3],
    ['HTML', '<details>\n<summary>More</summary>\n</details>\n\ntext', 2],
    ['lines that were wrapped', 'One line\nand another.\n\ntext', 2],
  ])('keeps how others write: %s', (_name, markdown, blocks) => {
    const kept = new MarkdownDocument(markdown);
    expect(kept.doc.childCount).toBe(blocks);
    const changed = [
      ...kept.doc.children.slice(0, -1),
      schema.node('paragraph', null, schema.text('new')),
    ];
    const before = markdown.slice(0, markdown.lastIndexOf('\n\n'));
    expect(kept.text(schema.node('doc', null, changed))).toBe(`${before}\n\nnew`);
  });

  it('does not let a block that moved join another', () => {
    const kept = new MarkdownDocument('- a\n\ntext\n\n- b\n\n    code');
    const [first, text, second] = kept.doc.children as [Node, Node, Node];
    const changed = schema.node('doc', null, [first, second, text]);
    expectSame(kept.text(changed), changed);
  });

  it('writes emphasis that ends within a Chinese sentence', () => {
    const doc = schema.node('doc', null, [
      schema.node('paragraph', null, [
        schema.text('退货。', [schema.mark('bold')]),
        schema.text('三十日以内'),
      ]),
    ]);
    expectSame(anew(doc), doc);
  });
});

function offset(doc: Node, index: number): number {
  return doc.children.slice(0, index).reduce((size, node) => size + node.nodeSize, 0);
}
