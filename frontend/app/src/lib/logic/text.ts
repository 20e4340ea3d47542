/** Small words: initials, sizes, mentions, which files are safe to show. */

/** One or two letters for an avatar, in any script. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.map((word) => [...word].find((sign) => /\p{L}|\p{N}/u.test(sign)) ?? '');
  const picked = letters.length > 1 ? [letters[0], letters[letters.length - 1]] : letters;
  return picked.join('').toLocaleUpperCase() || '?';
}

const UNITS = ['B', 'kB', 'MB', 'GB'];

/** A file size with at most one decimal. */
export function sizeOf(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const rounded = unit > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value));
  return `${rounded.replace(/\.0$/, '')} ${UNITS[unit]}`;
}

const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

/** Whether a file may be shown as a picture; SVG may hold scripts, so it may not. */
export function isPicture(contentType: string): boolean {
  return SHOWN.has(contentType.toLowerCase().split(';')[0]?.trim() ?? '');
}

export type TextPart = { type: 'text' | 'mention' | 'link'; text: string };

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** Plain text in parts: links, and `@Name` of the people given. */
export function partsOf(text: string, names: readonly string[]): TextPart[] {
  const known = [...names].sort((a, b) => b.length - a.length).map(escape);
  const mention = known.length > 0 ? `|@(?:${known.join('|')})` : '';
  const pattern = new RegExp(`${LINK.source}${mention}`, 'g');
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) parts.push({ type: 'text', text: text.slice(at, match.index) });
    parts.push({ type: match[0].startsWith('@') ? 'mention' : 'link', text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ type: 'text', text: text.slice(at) });
  return parts;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The word being typed after an `@` before the caret, or null. */
export function mentionBefore(
  text: string,
  caret: number,
): { start: number; query: string } | null {
  const match = /(?:^|\s)@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]+)?)$/u.exec(text.slice(0, caret));
  if (!match) return null;
  const query = match[1] ?? '';
  return { start: caret - query.length - 1, query };
}
