/** Whether a channel takes a file, before it is uploaded: the server's rules, asked earlier. */

export type FileRules = {
  attachments: boolean;
  max_attachment_bytes: number;
  max_attachments: number | null;
  attachment_types: string[];
};

export type FileProblem = 'none' | 'too-many' | 'too-large' | 'wrong-type';

/** What stands against one more file beside `already` others; null when nothing does. */
export function fileProblem(
  file: { size: number; type: string },
  rules: FileRules,
  already: number,
): FileProblem | null {
  if (!rules.attachments) return 'none';
  if (rules.max_attachments !== null && already >= rules.max_attachments) return 'too-many';
  if (file.size > rules.max_attachment_bytes) return 'too-large';
  // The browser does not know every type; the server looks into the file.
  if (file.type && !isTaken(file.type, rules.attachment_types)) return 'wrong-type';
  return null;
}

function isTaken(type: string, patterns: readonly string[]): boolean {
  const kind = type.split(';')[0]?.trim().toLowerCase() ?? '';
  return (
    patterns.length === 0 ||
    patterns.some(
      (one) => one === kind || (one.endsWith('/*') && kind.startsWith(one.slice(0, -1))),
    )
  );
}
