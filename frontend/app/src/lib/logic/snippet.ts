/** The line that brings the chat onto a site. */
export function snippetOf(origin: string, key: string): string {
  const quoted = key.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<script async src="${origin}/widget/loader.js" data-inbox="${quoted}"></` + 'script>';
}
