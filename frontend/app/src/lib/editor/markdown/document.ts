/**
 * A text in the editor and back. A block that nobody touched is written as it stood, byte for
 * byte, so that an edit changes what it meant to change: the versions' comparison and the
 * translations' marks of what is stale depend on it.
 */
import type { Node } from '@tiptap/pm/model';
import { parseBlocks } from './parse';
import { schema } from './schema';
import { blockText, isEmpty, markerOf, type Before } from './serialize';

type Kept = { index: number; text: string; gap: string };

export class MarkdownDocument {
  readonly doc: Node;
  private readonly byNode = new WeakMap<Node, Kept>();
  private readonly byContent = new Map<string, Kept[]>();
  private readonly written = new WeakMap<Node, string>();
  private readonly count: number;
  private readonly tail: string;
  private readonly whole: string;

  constructor(markdown: string) {
    this.whole = markdown.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
    const lines = this.whole.split('\n');
    const blocks = parseBlocks(lines);
    let line = 0;
    blocks.forEach((block, index) => {
      const between = lines.slice(line, block.from).map((blank) => `${blank}\n`);
      const gap = (index > 0 ? '\n' : '') + between.join('');
      const kept = { index, text: lines.slice(block.from, block.to).join('\n'), gap };
      this.byNode.set(block.node, kept);
      const key = JSON.stringify(block.node);
      this.byContent.set(key, [...(this.byContent.get(key) ?? []), kept]);
      line = block.to;
    });
    this.count = blocks.length;
    const rest = lines.slice(line);
    this.tail = blocks.length > 0 ? rest.map((blank) => `\n${blank}`).join('') : this.whole;
    const nodes = blocks.map((block) => block.node);
    this.doc = schema.node('doc', null, nodes.length > 0 ? nodes : [schema.node('paragraph')]);
  }

  /** The Markdown of the document as it is now. */
  text(doc: Node): string {
    const used = new Set<Kept>();
    const find = (node: Node) => {
      const own = this.byNode.get(node);
      const same = own ? [own] : (this.byContent.get(JSON.stringify(node)) ?? []);
      const kept = same.find((one) => !used.has(one)) ?? same[0];
      if (kept) used.add(kept);
      return kept;
    };
    let text = '';
    let previous: { kept: Kept | undefined; list: Before } | null = null;
    for (const node of doc.children) {
      const kept = find(node);
      if (!kept && isEmpty(node)) continue;
      const follows: boolean =
        kept !== undefined && kept.index === (previous?.kept?.index ?? -1) + 1;
      const one: string = this.block(node, kept, follows, previous?.list ?? null);
      const inOrder = follows && (previous === null || previous.kept !== undefined);
      text += (inOrder ? (kept?.gap ?? '') : previous ? '\n\n' : '') + one;
      previous = { kept, list: markerOf(node, one) };
    }
    if (previous === null) return this.count === 0 ? this.tail : '';
    return text + (previous.kept?.index === this.count - 1 || this.tail === '\n' ? this.tail : '');
  }

  private block(node: Node, kept: Kept | undefined, follows: boolean, list: Before): string {
    if (kept && (follows || !clashes(kept.text, node, list))) return kept.text;
    const known = list ? undefined : this.written.get(node);
    const text = known ?? blockText(node, list);
    if (!list) this.written.set(node, text);
    return text;
  }
}

/** Whether a text, put after another block, would become a part of that one. */
function clashes(text: string, node: Node, list: Before): boolean {
  return /^\s/.test(text) || (list !== null && markerOf(node, text)?.marker === list.marker);
}
