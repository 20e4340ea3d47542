/** What people write for "your website", as the origin that the chat is allowed on; null for none. */
export function originOf(text: string): string | null {
  const tidy = text.trim();
  if (!tidy) return null;
  try {
    const url = new URL(/^[a-z][a-z\d+.-]*:\/\//i.test(tidy) ? tidy : `https://${tidy}`);
    return /^https?:$/.test(url.protocol) && /^(localhost|.*[.:].*)$/.test(url.host)
      ? url.origin
      : null;
  } catch {
    return null;
  }
}

/** The line for the site's pages. */
export function snippet(desk: string, key: string): string {
  return `<script async src="${desk}/widget/loader.js" data-inbox="${key}"></script>`;
}
