/** How the editor answers to keys: undo, lists, input rules, tables, what is pasted. */
import {
  Extension,
  InputRule,
  markInputRule,
  textblockTypeInputRule,
  wrappingInputRule,
  type Editor,
} from '@tiptap/core';
import { history, redo, undo } from '@tiptap/pm/history';
import { gapCursor } from '@tiptap/pm/gapcursor';
import { Slice, type Node } from '@tiptap/pm/model';
import { Plugin } from '@tiptap/pm/state';
import { goToNextCell, tableEditing } from '@tiptap/pm/tables';
import { blockText } from './markdown/serialize';
import { MarkdownDocument } from './markdown/document';
import { schema } from './markdown/schema';

const MARKDOWN = /^(#{1,6} |[-*+] |\d+[.)] |> |```|~~~|\|.*\|$)|\[[^\]]+\]\([^)]+\)|\*\*[^*]+\*\*/m;

export const Behaviour = Extension.create({
  name: 'behaviour',
  addProseMirrorPlugins() {
    const { schema } = this.editor;
    return [
      history(),
      gapCursor(),
      tableEditing(),
      new Plugin({
        props: {
          // Markdown that is pasted becomes what it means; other text stays as it is.
          clipboardTextParser: (text, _context, plain) => {
            if (plain || !MARKDOWN.test(text)) return null as unknown as Slice;
            return Slice.maxOpen(
              schema.nodeFromJSON(new MarkdownDocument(text).doc.toJSON()).content,
            );
          },
          clipboardTextSerializer: (slice) =>
            slice.content.content
              .map((node) =>
                node.isBlock && node.type.name !== 'listItem' ? safely(node) : node.textContent,
              )
              .join('\n\n'),
        },
      }),
    ];
  },
  addKeyboardShortcuts() {
    const inItem = (editor: Editor) => editor.isActive('listItem');
    return {
      'Mod-z': ({ editor }) => undo(editor.state, editor.view.dispatch),
      'Mod-Shift-z': ({ editor }) => redo(editor.state, editor.view.dispatch),
      'Mod-y': ({ editor }) => redo(editor.state, editor.view.dispatch),
      'Mod-Alt-0': ({ editor }) => editor.commands.setNode('paragraph'),
      'Mod-Alt-2': ({ editor }) => editor.commands.setNode('heading', { level: 2 }),
      'Mod-Alt-3': ({ editor }) => editor.commands.setNode('heading', { level: 3 }),
      'Mod-Alt-4': ({ editor }) => editor.commands.setNode('heading', { level: 4 }),
      'Mod-Shift-7': ({ editor }) => editor.commands.toggleList('orderedList', 'listItem'),
      'Mod-Shift-8': ({ editor }) => editor.commands.toggleList('bulletList', 'listItem'),
      Enter: ({ editor }) => inItem(editor) && editor.commands.splitListItem('listItem'),
      Tab: ({ editor }) => {
        if (editor.isActive('table')) return goToNextCell(1)(editor.state, editor.view.dispatch);
        return inItem(editor) && editor.commands.sinkListItem('listItem');
      },
      'Shift-Tab': ({ editor }) => {
        if (editor.isActive('table')) return goToNextCell(-1)(editor.state, editor.view.dispatch);
        return inItem(editor) && editor.commands.liftListItem('listItem');
      },
      Backspace: ({ editor }) => {
        const { empty, $from } = editor.state.selection;
        if (!empty || $from.parentOffset > 0) return false;
        if ($from.parent.type.name === 'heading') return editor.commands.setNode('paragraph');
        if (inItem(editor) && $from.index(-1) === 0)
          return editor.commands.liftListItem('listItem');
        return false;
      },
    };
  },
  addInputRules() {
    const { schema } = this.editor;
    const kind = (name: string) => {
      const found = schema.nodes[name];
      if (!found) throw new Error(`no node ${name}`);
      return found;
    };
    const mark = (name: string) => {
      const found = schema.marks[name];
      if (!found) throw new Error(`no mark ${name}`);
      return found;
    };
    const task = new InputRule({
      find: /^\[([ x])\]\s$/,
      handler: ({ state, range, match }) => {
        const $from = state.doc.resolve(range.from);
        if ($from.node(-1)?.type.name !== 'listItem') return null;
        state.tr
          .delete(range.from, range.to)
          .setNodeAttribute($from.before(-1), 'checked', match[1] === 'x');
        return undefined;
      },
    });
    return [
      ...[2, 3, 4].map((level) =>
        textblockTypeInputRule({
          find: new RegExp(`^#{${level}}\\s$`),
          type: kind('heading'),
          getAttributes: { level },
        }),
      ),
      textblockTypeInputRule({
        find: /^```([\w+-]*)\s$/,
        type: kind('codeBlock'),
        getAttributes: (match) => ({ info: match[1] ?? '' }),
      }),
      wrappingInputRule({ find: /^\s*[-+*]\s$/, type: kind('bulletList') }),
      wrappingInputRule({
        find: /^(\d{1,3})[.)]\s$/,
        type: kind('orderedList'),
        getAttributes: (match) => ({ start: Number(match[1]) }),
      }),
      wrappingInputRule({ find: /^>\s$/, type: kind('blockquote') }),
      task,
      markInputRule({ find: /(?:^|\s)(\*\*(?!\s)([^*]+)\*\*)$/, type: mark('bold') }),
      markInputRule({ find: /(?:^|\s)(\*(?![\s*])([^*]+)\*)$/, type: mark('italic') }),
      markInputRule({ find: /(?:^|\s)(`([^`]+)`)$/, type: mark('code') }),
    ];
  },
});

/** A block's Markdown; a part of one that cannot stand alone is its text. */
function safely(node: Node): string {
  try {
    return blockText(schema.nodeFromJSON(node.toJSON()));
  } catch {
    return node.textContent;
  }
}
