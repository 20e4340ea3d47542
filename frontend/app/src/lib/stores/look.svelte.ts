/** How the interface looks to this person: theme, language and direction; kept in this browser. */
import { applyLocale, directionOf } from '$shared/direction';
import { fetchMessages, locales } from '$lib/words/app';
import { speak } from '$lib/words/catalogue.svelte';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'parley:look';
const dark = matchMedia('(prefers-color-scheme: dark)');

class Look {
  theme = $state<Theme>('system');
  locale = $state('en');
  /** Whether it is dark now, whoever decided so. */
  dark = $state(false);
  readonly dir = $derived(directionOf(this.locale));
  /** Settled when the first language's sentences are here; nothing is rendered before. */
  readonly ready: Promise<void>;

  constructor() {
    const stored = read();
    if (stored.theme) this.theme = stored.theme;
    this.locale = stored.locale ?? fromBrowser();
    dark.addEventListener('change', () => this.apply());
    this.apply();
    this.ready = speak(this.locale).then(fetchMessages);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.apply();
  }

  async setLocale(locale: string): Promise<void> {
    if (!isLocale(locale) || locale === this.locale) return;
    await speak(locale);
    this.locale = locale;
    this.apply();
  }

  private apply(): void {
    const root = document.documentElement;
    this.dark = this.theme === 'system' ? dark.matches : this.theme === 'dark';
    root.dataset.theme = this.dark ? 'dark' : 'light';
    applyLocale(root, this.locale);
    const kept = { theme: this.theme, locale: this.locale, dir: directionOf(this.locale) };
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // Storage may be blocked: the look then lasts as long as the page.
    }
  }
}

function read(): { theme?: Theme; locale?: string } {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, string>;
    return {
      ...(stored.theme === 'light' || stored.theme === 'dark' ? { theme: stored.theme } : {}),
      ...(stored.locale && isLocale(stored.locale) ? { locale: stored.locale } : {}),
    };
  } catch {
    return {};
  }
}

function fromBrowser(): string {
  const wanted = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return wanted.find(isLocale) ?? 'en';
}

export function isLocale(value: string): boolean {
  return locales.includes(value);
}

export const look = new Look();
