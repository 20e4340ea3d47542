/** Markdown as it is read, built from the editor's own nodes: nothing in it can run. */
import { DOMSerializer } from '@tiptap/pm/model';
import { MarkdownDocument } from './markdown/document';
import { schema } from './markdown/schema';

const serializer = DOMSerializer.fromSchema(schema);

/** An attachment for an element that shows this Markdown. */
export function shows(markdown: string): (element: HTMLElement) => void {
  return (element) => {
    const { doc } = new MarkdownDocument(markdown);
    element.replaceChildren(serializer.serializeFragment(doc.content, { document }));
  };
}
