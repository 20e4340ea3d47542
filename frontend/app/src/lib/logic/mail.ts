/** An HTML mail as a document for a frame without scripts: sanitised again, images only when asked for. */
import DOMPurify from 'dompurify';

export type MailTheme = {
  text: string;
  accent: string;
  line: string;
  scheme: 'light' | 'dark';
  /** Where the frame's style sheet is. */
  styles: string;
};
export type Mail = { document: string; blocked: number; quotes: boolean };

const QUOTES = 'blockquote, .gmail_quote, .moz-cite-prefix';
const CITATION_CHARS = 200;
const OWN_COLOURS = /(?:^|[;"\s])(?:background(?:-color)?|color)\s*:|bgcolor=|<font|color=/i;

/** `blocked` counts the remote images left out. Throws nothing; what is not safe is dropped. */
export function mailDocument(
  html: string,
  options: { images: boolean; origin: string; theme: MailTheme },
): Mail {
  let blocked = 0;
  const purify = DOMPurify(window);
  purify.addHook('afterSanitizeAttributes', (node) => {
    if (node.nodeName === 'A') {
      node.setAttribute('target', '_blank');
      node.setAttribute('rel', 'noopener noreferrer nofollow');
    }
    if (node.nodeName !== 'IMG') return;
    const source = node.getAttribute('data-src') ?? node.getAttribute('src') ?? '';
    const local = source.startsWith('data:image/') || source.startsWith('/api/v1/files/');
    node.removeAttribute('data-src');
    if (local || (options.images && source.startsWith('https://'))) {
      node.setAttribute('src', source);
      return;
    }
    node.removeAttribute('src');
    if (source) blocked += 1;
    // Without its picture only the words for it are of use.
    node.replaceWith(node.getAttribute('alt') ?? '');
  });
  const body = purify.sanitize(html, {
    USE_PROFILES: { html: true },
    ADD_ATTR: ['target', 'data-src'],
    FORBID_TAGS: [
      'style',
      'form',
      'input',
      'button',
      'textarea',
      'select',
      'video',
      'audio',
      'dialog',
    ],
    FORBID_ATTR: ['id', 'name', 'srcset', 'action', 'background', 'autofocus', 'tabindex'],
  });
  const parsed = new DOMParser().parseFromString(body, 'text/html').body;
  const quotes = parsed.querySelectorAll(QUOTES);
  // "On Friday, N wrote:" belongs to the quote below it.
  for (const quote of quotes) {
    const before = quote.previousElementSibling;
    const words = before?.textContent?.trim() ?? '';
    if (before && words.length < CITATION_CHARS && words.endsWith(':'))
      before.classList.add('moz-cite-prefix');
  }
  return { document: frameOf(parsed.innerHTML, options), blocked, quotes: quotes.length > 0 };
}

/** A mail that sets colours of its own was made for white paper and gets it, in the dark too. */
function frameOf(
  body: string,
  { images, origin, theme }: { images: boolean; origin: string; theme: MailTheme },
): string {
  const paper = OWN_COLOURS.test(body);
  // The page's own policy holds in the frame as well; this one is stricter about what it loads.
  const csp = `default-src 'none'; style-src 'unsafe-inline' ${origin}; font-src ${origin}; img-src ${origin} data:${images ? ' https:' : ''}`;
  const scheme = paper ? 'light' : theme.scheme;
  const line = paper ? '#e2e4e8' : theme.line;
  return [
    `<!doctype html><html dir="auto" style="color-scheme:${scheme}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${csp}"><base target="_blank">`,
    `<link rel="stylesheet" href="${new URL(theme.styles, origin).href}"></head>`,
    `<body dir="auto" class="${paper ? 'paper' : 'plain'}" style="--text:${theme.text};--accent:${theme.accent};--line:${line}">`,
    `${body}</body></html>`,
  ].join('');
}
