import { describe, expect, it } from 'vitest';
import { filled, localeOf } from './catalogue.svelte';
import { problemsOf } from '../../../../scripts/message-problems.mjs';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('a sentence', () => {
  it('has its placeholders filled in', () => {
    expect(filled('Hello {name}, {name}!', { name: 'Dana' }, 'en')).toBe('Hello Dana, Dana!');
  });

  it('chooses the plural by the rules of its language', () => {
    const files = { one: '{count} plik', few: '{count} pliki', many: '{count} plików', other: '' };
    expect([1, 3, 5].map((count) => filled(files, { count }, 'pl'))).toEqual([
      '1 plik',
      '3 pliki',
      '5 plików',
    ]);
  });

  it('writes a count as its language does, and other numbers as they are', () => {
    expect(filled('#{number}: {count}', { number: 12345, count: 12345 }, 'de')).toBe(
      '#12345: 12.345',
    );
  });
});

describe('a folder of catalogues', () => {
  function folder(catalogues: Record<string, object>): string {
    const path = mkdtempSync(join(tmpdir(), 'messages-'));
    for (const [locale, messages] of Object.entries(catalogues))
      writeFileSync(join(path, `${locale}.json`), JSON.stringify(messages));
    return path;
  }

  it('misses no key, no placeholder and no plural', () => {
    const path = folder({
      en: { a: 'A', b: '{who} left', c: { one: '{count} file', other: '{count} files' } },
      ar: { b: 'x', c: { one: '{count} ملف', other: '{count} ملف' }, d: 'y' },
    });
    const found = problemsOf(path, []);
    expect(found).toContain('ar.json: missing "a"');
    expect(found).toContain('ar.json: "b" has other placeholders than en.json');
    expect(found).toContain('ar.json: "c" has no plural "few"');
    expect(found).toContain('ar.json: "d" is not in en.json');
  });

  it('is used only with keys that it holds and values that they need', () => {
    const path = folder({ en: { b: '{who} left' } });
    const sources = folder({});
    writeFileSync(
      join(sources, 'Page.ts'),
      "import { m } from './words';\nm.b({ name: 1 });\nm.c();\nm.b({ who });\n",
    );
    expect(problemsOf(path, [sources])).toEqual([
      'Page.ts uses "b" without {who}',
      'Page.ts uses the unknown key "c"',
    ]);
  });

  it('is named by its file', () => {
    expect(localeOf('../messages/app/pt-BR.json')).toBe('pt-BR');
  });
});
