/** An HTML mail as a document for a frame without scripts: sanitised again, images only when asked for. */
import latin from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import latinExtended from '@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2?url';
import DOMPurify from 'dompurify';

export type MailTheme = { text: string; accent: string; line: string; scheme: string };
export type Mail = { document: string; blocked: number; quotes: boolean };

const QUOTES = 'blockquote, .gmail_quote, .moz-cite-prefix';
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
    if (!node.getAttribute('alt')) node.remove();
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
  const quotes = new DOMParser().parseFromString(body, 'text/html').querySelector(QUOTES) !== null;
  return { document: frameOf(body, options), blocked, quotes };
}

/** A mail that sets colours of its own was made for white paper and gets it, in the dark too. */
function frameOf(
  body: string,
  { images, origin, theme }: { images: boolean; origin: string; theme: MailTheme },
): string {
  const paper = OWN_COLOURS.test(body);
  const csp = `default-src 'none'; style-src 'unsafe-inline'; font-src ${origin}; img-src ${origin} data:${images ? ' https:' : ''}`;
  const face = (url: string, range: string) =>
    `@font-face{font-family:"Inter Variable";font-weight:100 900;src:url(${new URL(url, origin).href}) format("woff2");unicode-range:${range}}`;
  const colours = paper
    ? 'color:#16181d;background:#fff;padding:8px;border-radius:4px'
    : `color:${theme.text};background:transparent`;
  return `<!doctype html><html dir="auto"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${csp}"><base target="_blank"><style>
${face(latin, 'U+0000-00FF,U+2000-206F')}${face(latinExtended, 'U+0100-02BA,U+1E00-1E9F')}
html{overflow:hidden;color-scheme:${paper ? 'light' : theme.scheme}}
body{margin:0;overflow-x:auto;${colours};font:14px/20px "Inter Variable",system-ui,sans-serif;overflow-wrap:anywhere}
p{margin:0}p+p{margin-block-start:6px}img{max-inline-size:100%;block-size:auto}
a{color:${paper ? '#4450d6' : theme.accent}}
blockquote{margin:8px 0 0;padding-inline-start:12px;border-inline-start:2px solid ${paper ? '#e2e4e8' : theme.line}}
body:not(.quotes) :is(${QUOTES}){display:none}
table{max-inline-size:100%}
</style></head><body dir="auto">${body}</body></html>`;
}
