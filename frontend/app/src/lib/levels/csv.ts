/** Hands a table over as a file that spreadsheets open. */
export function csv(name: string, rows: (string | number)[][]): void {
  // A cell that begins like a formula is text, whichever program opens the file.
  const safe = (cell: string) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
  const text = rows
    .map((row) => row.map((cell) => `"${safe(String(cell)).replaceAll('"', '""')}"`).join(','))
    .join('\r\n');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv' }));
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
