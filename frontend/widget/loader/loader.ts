/** The script of the host page: draws the launcher, keeps the token, offers `window.Parley`. */
import type { FromLoader, ToLoader } from '../src/lib/bridge';
import { createPanel, type Panel } from './panel';
import { openMemory } from './record';

type Listener = (data: unknown) => void;
type Command = [name: string, ...values: unknown[]];

const script = document.currentScript as HTMLScriptElement;
const settings = script.dataset;
const desk = new URL(script.src).origin;
const inbox = settings.inbox ?? '';
const FORGETTING = 500;

function boot(early: Command[]): void {
  const memory = openMemory(inbox);
  const listeners = new Map<string, Set<Listener>>();
  let panel: Panel | null = null;
  let stop: () => void = () => undefined;
  let identity: string | null = null;
  let locale = settings.locale ?? null;
  let ready = false;
  let unread = 0;

  const emit = (name: string, data?: unknown) => {
    for (const listener of listeners.get(name) ?? []) listener(data);
  };
  const page = () => ({
    url: location.href,
    title: document.title,
    referrer: document.referrer,
  });
  const post = (message: FromLoader) => {
    if (ready || message.parley === 'init') panel?.post(message);
  };

  function setOpen(open: boolean): void {
    if (!panel || panel.isOpen === open) return;
    panel.setOpen(open);
    post({ parley: 'visible', open, phone: panel.isPhone });
    if (open) post({ parley: 'page', page: page() });
    emit(open ? 'open' : 'close');
  }

  /** The frame is there: hand it what it needs. Its answer, `ready`, comes from the desk's origin. */
  function greet(): void {
    if (!panel) return;
    const { token, scope, kept = {} } = memory.get();
    post({
      parley: 'init',
      token,
      scope,
      stored: memory.lasting,
      locale,
      page: page(),
      identity,
      kept,
      phone: panel.isPhone,
      open: panel.isOpen,
    });
  }

  function heard(event: MessageEvent): void {
    if (!panel || event.origin !== desk || event.source !== panel.frame) return;
    const message = event.data as ToLoader;
    switch (message.parley) {
      case 'ready':
        ready = true;
        panel.setReady();
        post({ parley: 'visible', open: panel.isOpen, phone: panel.isPhone });
        emit('ready');
        break;
      case 'close':
        setOpen(false);
        break;
      case 'token':
        memory.set({ token: message.token });
        break;
      case 'keep':
        memory.set({ kept: { ...memory.get().kept, [message.key]: message.value } });
        break;
      case 'unread':
        if (message.count === unread) break;
        panel.setUnread((unread = message.count));
        emit('unread', { count: unread });
        break;
      case 'theme': {
        const { solid, on, position } = message;
        memory.set({ solid, on, position });
        // The side changes with the next page: a launcher does not jump.
        panel.paint({ solid, on });
        break;
      }
      case 'event':
        emit(message.name, message.data);
        break;
    }
  }

  function escape(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.defaultPrevented) setOpen(false);
  }

  const moved = () => post({ parley: 'page', page: page() });

  function start(): void {
    if (panel) return;
    panel = createPanel({
      desk,
      inbox,
      locale: locale ?? navigator.language,
      pressed: () => setOpen(!panel?.isOpen),
      loaded: greet,
    });
    const { solid, on, position, token } = memory.get();
    panel.paint({
      solid: settings.accent ?? solid,
      on,
      position: settings.position ?? position,
    });
    addEventListener('message', heard);
    addEventListener('keydown', escape);
    addEventListener('popstate', moved);
    addEventListener('hashchange', moved);
    const unwatch = memory.watch(({ token, kept = {} }) => post({ parley: 'stored', token, kept }));
    stop = () => {
      removeEventListener('message', heard);
      removeEventListener('keydown', escape);
      removeEventListener('popstate', moved);
      removeEventListener('hashchange', moved);
      unwatch();
    };
    // Somebody who has written before may have an answer waiting.
    if (token) (window.requestIdleCallback ?? ((work) => setTimeout(work, 1500)))(panel.load);
  }

  const api = {
    open: () => setOpen(true),
    close: () => setOpen(false),
    toggle: () => setOpen(!panel?.isOpen),
    identify(jwt: string): void {
      identity = jwt;
      post({ parley: 'identity', identity: jwt });
    },
    setLocale(next: string): void {
      locale = next;
      panel?.setLocale(next);
      post({ parley: 'locale', locale: next });
    },
    on(name: string, listener: Listener): void {
      listeners.set(name, (listeners.get(name) ?? new Set()).add(listener));
      if (name === 'ready' && ready) listener(undefined);
    },
    off(name: string, listener: Listener): void {
      listeners.get(name)?.delete(listener);
    },
    /** Forgets the visitor (on sign-out) and takes the widget off the page. */
    shutdown(): void {
      const leaving = panel;
      setOpen(false);
      post({ parley: 'forget' });
      memory.forget();
      stop();
      panel = null;
      identity = null;
      ready = false;
      unread = 0;
      // The frame empties its outbox first.
      setTimeout(() => leaving?.remove(), FORGETTING);
    },
    start,
    push(command: Command): void {
      const [name, ...values] = command;
      (api as unknown as Record<string, (...all: unknown[]) => void>)[name]?.(...values);
    },
  };

  (window as unknown as { Parley: typeof api }).Parley = api;
  start();
  early.forEach(api.push);
}

function begin(): void {
  const present = (window as unknown as { Parley?: unknown }).Parley;
  // A second tag on the same page is one too many.
  if (present && !Array.isArray(present)) return;
  boot((present as Command[] | undefined) ?? []);
}

if (document.body) begin();
else addEventListener('DOMContentLoaded', begin);
