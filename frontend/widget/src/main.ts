/** Entry of the frame: hears the loader, reads the inbox's configuration, starts the session. */
import './widget.css';
import { mount } from 'svelte';
import { Bridge, type Init } from './lib/bridge';
import { chooseLocale, speak } from './lib/locale';
import { Session } from './lib/session.svelte';
import { openShelf } from './lib/storage';
import { applyTheme, followTheme } from './lib/theme';
import type { Config } from './lib/types';
import { m } from './lib/messages';
import App from './ui/App.svelte';

// Before anything that waits, so that no message of the loader is missed.
const bridge = new Bridge(window);
const target = document.getElementById('app') as HTMLElement;
const inbox = new URLSearchParams(location.search).get('inbox') ?? '';

async function configOf(key: string): Promise<Config> {
  const response = await fetch(`/api/widget/v1/config/${encodeURIComponent(key)}`);
  if (!response.ok) throw new Error(`configuration: ${response.status}`);
  return (await response.json()) as Config;
}

async function start(config: Config, init: Init): Promise<Session> {
  const keep = (key: string, value: unknown) => bridge.tell({ parley: 'keep', key, value });
  const host = init.stored ? { kept: init.kept, keep } : null;
  const shelf = await openShelf(config.inbox, init.scope, host);
  const session = new Session(config, init, shelf, bridge);
  await session.start([init.locale, ...navigator.languages]);
  target.textContent = '';
  mount(App, { target, props: { session } });
  followTheme(config.theme.accent, (colours) =>
    bridge.tell({
      parley: 'theme',
      solid: colours?.solid ?? null,
      on: colours?.onSolid ?? null,
      position: config.theme.position ?? null,
    }),
  );
  return session;
}

/** Says that it does not work, in words, instead of an empty panel. */
async function apologise(): Promise<void> {
  await speak(chooseLocale(navigator.languages, ['en', 'he']));
  const text = document.createElement('p');
  text.className = 'sorry';
  text.setAttribute('role', 'alert');
  text.textContent = m.unavailable();
  target.replaceChildren(text);
}

async function boot(): Promise<void> {
  applyTheme(null);
  const config = await configOf(inbox);
  if (bridge.alone) {
    const page = { url: location.href, title: '', referrer: document.referrer };
    await start(config, {
      token: null,
      scope: 'page',
      stored: false,
      locale: null,
      page,
      identity: null,
      kept: {},
      phone: false,
      open: true,
    });
    return;
  }
  let running: Promise<Session> | null = null;
  bridge.trust(config.origins, (message) => {
    if (message.parley === 'init') {
      running ??= start(config, message);
      void running.then(
        () => {
          bridge.tell({ parley: 'ready' });
        },
        () => void apologise(),
      );
      return;
    }
    void running?.then((session) => session.heard(message));
  });
}

boot().catch(() => void apologise());
