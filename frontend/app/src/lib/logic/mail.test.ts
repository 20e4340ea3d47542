// @vitest-environment jsdom
// The sanitiser needs a document that behaves like a browser: it removes nothing in happy-dom.
import { expect, test } from 'vitest';
import { mailDocument } from './mail';

const theme = {
  text: '#111',
  accent: '#44f',
  line: '#ddd',
  scheme: 'light' as const,
  styles: '/mail.css',
};
const mail = (html: string, images = false) =>
  mailDocument(html, { images, origin: 'https://desk.example', theme });

test('scripts, handlers and forms are gone', () => {
  const { document } = mail(
    '<p onclick="x()">Hi</p><script>x()</script><form action="//e"><input></form><a href="javascript:x()">l</a>',
  );
  expect(document).toContain('<p>Hi</p>');
  expect(document).not.toMatch(/x\(\)|<script|<form|<input/);
});

test('remote images wait for a click, attached ones do not', () => {
  const html =
    '<img src="https://t.example/p.gif"><img data-src="https://t.example/q.png" alt="q"><img src="/api/v1/files/1?inline=1">';
  const closed = mail(html);
  expect(closed.blocked).toBe(2);
  expect(closed.document).not.toContain('t.example');
  expect(closed.document).toContain('/api/v1/files/1');
  const opened = mail(html, true);
  expect(opened.blocked).toBe(0);
  expect(opened.document).toContain('src="https://t.example/q.png"');
});

test('the frame itself forbids scripts and remote loads', () => {
  expect(mail('<p>x</p>').document).toContain("default-src 'none'");
  expect(mail('<p>x</p>').document).not.toContain('https:;');
});

test('links open elsewhere and carry no referrer', () => {
  expect(mail('<a href="https://x.example">x</a>').document).toMatch(
    /rel="noopener noreferrer nofollow"/,
  );
});

test('the line that introduces a quote is folded with it', () => {
  const { document, quotes } = mail(
    '<p>Thanks</p><p>On Friday, Ann wrote:</p><blockquote>Hi</blockquote>',
  );
  expect(quotes).toBe(true);
  expect(document).toContain('<p class="moz-cite-prefix">On Friday');
  expect(document).toContain('<p>Thanks</p>');
});
