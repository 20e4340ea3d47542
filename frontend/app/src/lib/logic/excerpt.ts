/** The part of a message that was found, short enough for a row: what matched stands near its start. */
/** Where a ticket matched, as the list's answer has it; ranges count characters. */
export interface TicketMatch {
  snippet: { text: string; ranges: readonly (readonly number[])[] };
}

export interface Part {
  text: string;
  marked: boolean;
}

/** Characters before the first match, at most. */
const BEFORE = 24;

/** Empty where nothing of a message matched. Characters are not UTF-16 units. */
export function excerpt(match: TicketMatch | undefined): Part[] {
  const first = match?.snippet.ranges[0];
  if (!match || !first) return [];
  const text = [...match.snippet.text];
  const parts: Part[] = [];
  const add = (from: number, to: number, marked: boolean) => {
    const piece = text.slice(from, to).join('').replace(/\s+/g, ' ');
    if (piece) parts.push({ text: piece, marked });
  };
  let at = 0;
  if ((first[0] ?? 0) > BEFORE) {
    const cut = (first[0] ?? 0) - BEFORE;
    const space = text.slice(cut, first[0]).findIndex((letter) => /\s/.test(letter));
    at = cut + space + 1;
    parts.push({ text: '… ', marked: false });
  }
  for (const [start = 0, end = 0] of match.snippet.ranges) {
    add(at, start, false);
    add(start, end, true);
    at = end;
  }
  add(at, text.length, false);
  return parts;
}
