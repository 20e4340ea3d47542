/** A choice's options as an editor writes them, one on a line: `value = en: Text | he: טקסט`. */
export type Option = { value: string; labels: Record<string, string> };

const TAGGED = /^([a-z]{2}):\s*(.*)$/;

/** What the lines say; a text without a language is in `language`. */
export function optionsOf(text: string, language: string): Option[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const cut = line.indexOf('=');
      const value = (cut < 0 ? line : line.slice(0, cut)).trim();
      const labels: Record<string, string> = {};
      for (const part of cut < 0 ? [] : line.slice(cut + 1).split('|')) {
        const tagged = TAGGED.exec(part.trim());
        const written = (tagged?.[2] ?? part).trim();
        if (written) labels[tagged?.[1] ?? language] = written;
      }
      return { value, labels };
    });
}

/** The lines for options that are stored. */
export function linesOf(options: readonly Option[]): string {
  return options
    .map(({ value, labels }) => {
      const texts = Object.entries(labels).map(([code, text]) => `${code}: ${text}`);
      return texts.length ? `${value} = ${texts.join(' | ')}` : value;
    })
    .join('\n');
}
