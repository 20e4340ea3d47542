/** Plain text with its web addresses found; nothing is ever read as HTML. */

export type Piece = { text: string; href: string | null };

const ADDRESS = /https?:\/\/[^\s<>"']+/g;

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    // Closing punctuation belongs to the sentence, not to the address.
    const address = match[0].replace(/[.,;:!?)\]]+$/, '');
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), href: null });
    pieces.push({ text: address, href: address });
    at = match.index + address.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), href: null });
  return pieces;
}

/** An address that may be followed, null for scripts and anything else that is not a page. */
export function safeHref(address: string): string | null {
  return /^(https?:\/\/|\/(?!\/))/i.test(address) ? address : null;
}
