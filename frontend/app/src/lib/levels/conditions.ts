/** A condition's tree as the flat rows that a form shows, and back; deeper trees stay as they are. */

export type Node = {
  all?: Node[];
  any?: Node[];
  not?: Node;
  field?: string;
  op?: string;
  value?: unknown;
};
export interface Line {
  field: string;
  /** Of a custom field. */
  key: string;
  op: string;
  not: boolean;
  value: string | string[];
}
export interface Rows {
  match: 'all' | 'any';
  lines: Line[];
}

/** Fields with a list to choose from are compared with one of several. */
export const LISTED = ['inbox', 'channel', 'language', 'team', 'priority'] as const;
export const FIELDS = [...LISTED, 'segments', 'tags', 'custom'] as const;

export const opsOf = (field: string): string[] => {
  if (field === 'priority') return ['at_least', 'at_most', 'in'];
  if ((LISTED as readonly string[]).includes(field)) return ['in'];
  return field === 'custom' ? ['is', 'contains', 'present'] : ['has'];
};

export const newLine = (field: string): Line => ({
  field,
  key: '',
  op: opsOf(field)[0]!,
  not: false,
  value: opsOf(field)[0] === 'in' ? [] : field === 'priority' ? 'high' : '',
});

/** The rows of a tree; null when it is nested deeper than the form shows. */
export function rowsOf(node: Node | undefined): Rows | null {
  if (!node || Object.keys(node).length === 0) return { match: 'all', lines: [] };
  const match = node.any ? 'any' : 'all';
  const parts = node.any ?? node.all ?? [node];
  const lines = parts.map(lineOf);
  return lines.every((line) => line !== null) ? { match, lines } : null;
}

function lineOf(node: Node): Line | null {
  if (node.not) {
    const inner = lineOf(node.not);
    return inner && !inner.not ? { ...inner, not: true } : null;
  }
  if (!node.field || !node.op) return null;
  const custom = node.field.startsWith('custom.');
  const field = custom ? 'custom' : node.field;
  // "Is mail" is "is one of: mail".
  const listed = node.op === 'is' && (LISTED as readonly string[]).includes(field);
  const op = listed ? 'in' : node.op;
  if (!(FIELDS as readonly string[]).includes(field) || !opsOf(field).includes(op)) return null;
  const values = Array.isArray(node.value) ? node.value : [node.value ?? ''];
  const value = op === 'in' ? values.map(String) : String(values[0] ?? '');
  return { field, key: custom ? node.field.slice(7) : '', op, not: false, value };
}

export function treeOf({ match, lines }: Rows): Node {
  const parts = lines.map((line): Node => {
    const field = line.field === 'custom' ? `custom.${line.key}` : line.field;
    const node: Node = { field, op: line.op };
    if (line.op !== 'present') node.value = line.value;
    return line.not ? { not: node } : node;
  });
  return match === 'any' && parts.length > 0 ? { any: parts } : { all: parts };
}

/** A line that says nothing yet. */
export const unfinished = (line: Line): boolean =>
  (line.field === 'custom' && !line.key.trim()) ||
  (line.op !== 'present' && line.value.length === 0);
