/** What can be put into a text: the slash menu's entries, which the toolbar shares. */
import CodeXml from '@lucide/svelte/icons/code-xml';
import FileText from '@lucide/svelte/icons/file-text';
import Heading2 from '@lucide/svelte/icons/heading-2';
import Heading3 from '@lucide/svelte/icons/heading-3';
import Image from '@lucide/svelte/icons/image';
import List from '@lucide/svelte/icons/list';
import ListChecks from '@lucide/svelte/icons/list-checks';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import Minus from '@lucide/svelte/icons/minus';
import Quote from '@lucide/svelte/icons/quote';
import Table from '@lucide/svelte/icons/table';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import type { Editor } from '@tiptap/core';
import type { Component } from 'svelte';
import { w, type Word } from '$lib/words/knowledge';

export type Asks = 'image' | 'article';

export type Insert = {
  id: string;
  icon: Component<{ size?: number }>;
  label: () => string;
  hint: () => string;
  /** What else somebody may type for it, in English. */
  also: string;
  run: (editor: Editor, ask: (what: Asks) => void) => void;
};

const insert = (
  id: string,
  icon: Insert['icon'],
  also: string,
  run: Insert['run'],
  name = id,
): Insert => ({
  id,
  icon,
  also,
  run,
  label: () => w(`put_${name}` as Word),
  hint: () => w(`put_${name}_hint` as Word),
});

export function addTable(editor: Editor, rows = 3, columns = 2): void {
  const row = (type: string) => ({
    type: 'tableRow',
    content: Array.from({ length: columns }, () => ({ type })),
  });
  editor
    .chain()
    .focus()
    .insertContent({
      type: 'table',
      content: [row('tableHeader'), ...Array.from({ length: rows - 1 }, () => row('tableCell'))],
    })
    .run();
  // Into its first cell, to be filled in.
  const { doc, selection } = editor.state;
  let at: number | null = null;
  doc.nodesBetween(0, Math.min(doc.content.size, selection.to), (node, place) => {
    if (node.type.name === 'table') at = place;
    return node.type.name !== 'table';
  });
  if (at !== null) editor.commands.setTextSelection(at + 3);
}

const callout = (kind: string) => (editor: Editor) =>
  void editor.chain().focus().wrapIn('callout', { kind }).run();

export const INSERTS: readonly Insert[] = [
  insert('table', Table, 'grid', (editor) => addTable(editor)),
  insert('note', TriangleAlert, 'callout', callout('note')),
  insert('tip', TriangleAlert, 'callout', callout('tip')),
  insert('warning', TriangleAlert, 'callout caution', callout('warning')),
  insert(
    'steps',
    ListOrdered,
    'numbered list',
    (editor) => void editor.chain().focus().toggleList('orderedList', 'listItem').run(),
  ),
  insert(
    'list',
    List,
    'bullets',
    (editor) => void editor.chain().focus().toggleList('bulletList', 'listItem').run(),
  ),
  insert(
    'tasks',
    ListChecks,
    'checklist todo',
    (editor) =>
      void editor
        .chain()
        .focus()
        .toggleList('bulletList', 'listItem')
        .updateAttributes('listItem', { checked: false })
        .run(),
  ),
  insert('image', Image, 'picture photo', (_editor, ask) => ask('image')),
  insert('article', FileText, 'link', (_editor, ask) => ask('article')),
  insert(
    'heading',
    Heading2,
    'h2 title',
    (editor) => void editor.chain().focus().setNode('heading', { level: 2 }).run(),
  ),
  insert(
    'subheading',
    Heading3,
    'h3',
    (editor) => void editor.chain().focus().setNode('heading', { level: 3 }).run(),
  ),
  insert(
    'quote',
    Quote,
    'blockquote',
    (editor) => void editor.chain().focus().wrapIn('blockquote').run(),
  ),
  insert(
    'code',
    CodeXml,
    'pre',
    (editor) => void editor.chain().focus().setNode('codeBlock').run(),
  ),
  insert(
    'line',
    Minus,
    'rule divider',
    (editor) => void editor.chain().focus().insertContent({ type: 'horizontalRule' }).run(),
  ),
];

/** The entries that a word after the slash means. */
export function matching(query: string): readonly Insert[] {
  const wanted = query.trim().toLocaleLowerCase();
  if (wanted === '') return INSERTS;
  return INSERTS.filter((one) =>
    `${one.label()} ${one.id} ${one.also}`
      .toLocaleLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(wanted)),
  );
}
