/** An inbox's options as text fields and back. */

/** How a stored option reads in its field. */
export function shownOption(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * What a field's text is stored as; undefined removes the option. Numbers stay numbers where they
 * were ones: an account's id is not one. Throws SyntaxError for something like JSON that is none.
 */
export function readOption(text: string, before: unknown): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  if (/^[[{]/.test(trimmed) || (typeof before === 'object' && before !== null))
    return JSON.parse(trimmed) as unknown;
  if (typeof before === 'number' && /^-?\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  return typeof before === 'string' && before === text ? before : trimmed;
}
