/** The launcher and the frame, in a shadow root that shares no style with the host page. */
import type { FromLoader } from '../src/lib/bridge';
import * as en from '../../messages/widget/en.json';
import * as he from '../../messages/widget/he.json';
import css from './style.css?inline';

export type Panel = {
  readonly frame: Window | null;
  readonly isOpen: boolean;
  readonly isPhone: boolean;
  /** Fetches the frame, once. */
  load(): void;
  setOpen(open: boolean): void;
  setReady(): void;
  setUnread(count: number): void;
  setLocale(locale: string): void;
  paint(look: { solid?: string | null; on?: string | null; position?: string | null }): void;
  post(message: FromLoader): void;
  remove(): void;
};

export type PanelPorts = {
  desk: string;
  inbox: string;
  locale: string;
  pressed: () => void;
  loaded: () => void;
};

/** Named one by one, so that the rest of the catalogues stays out of the loader. */
const TEXTS = {
  en: {
    name: en.widget_name,
    open: en.launcher_open,
    unread: en.launcher_unread,
    close: en.launcher_close,
  },
  he: {
    name: he.widget_name,
    open: he.launcher_open,
    unread: he.launcher_unread,
    close: he.launcher_close,
  },
};

const CHAT = 'M21 11.5a8.4 8.4 0 0 1-12 7.6L3.5 20.5l1.4-5.2A8.4 8.4 0 1 1 21 11.5Z';
const DOWN = 'm6 9 6 6 6-6';
const SVG = 'http://www.w3.org/2000/svg';

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export function createPanel(ports: PanelPorts): Panel {
  const host = make('div', { id: 'parley' });
  const root = make('div', {});
  const button = make('button', { type: 'button', class: 'b', 'aria-expanded': 'false' });
  const badge = make('span', { class: 'n', 'aria-hidden': 'true', hidden: '' });
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  const phone = matchMedia('(width <= 480px), (height <= 480px)');
  const page = document.documentElement.style;
  const view = window.visualViewport;
  let frame: HTMLIFrameElement | null = null;
  let open = false;
  let unread = 0;
  let text = TEXTS.en;
  let scrolling = '';

  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  button.append(svg, badge);
  root.append(button);
  const shadow = host.attachShadow({ mode: 'open' });
  // A constructed sheet is not inline style: a strict style-src lets it pass.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(root);

  function draw(): void {
    path.setAttribute('d', open ? DOWN : CHAT);
    const many = unread > 99 ? '99+' : String(unread);
    const label = open ? text.close : unread > 0 ? text.unread.replace('{count}', many) : text.open;
    button.setAttribute('aria-label', label);
    button.setAttribute('aria-expanded', String(open));
    badge.textContent = many;
    badge.hidden = unread === 0 || open;
    root.classList.toggle('open', open);
  }

  /** The keyboard of a phone covers the page; the frame ends where it begins. */
  function fit(): void {
    root.style.setProperty('--high', view && view.scale === 1 ? `${view.height}px` : '100dvh');
  }

  function load(): void {
    if (frame) return;
    frame = make('iframe', {
      src: `${ports.desk}/widget/frame?inbox=${encodeURIComponent(ports.inbox)}`,
      title: text.name,
    });
    frame.addEventListener('load', ports.loaded);
    root.append(frame);
  }

  function setLocale(locale: string): void {
    text = locale.toLowerCase().startsWith('he') ? TEXTS.he : TEXTS.en;
    if (frame) frame.title = text.name;
    draw();
  }

  button.addEventListener('pointerenter', load);
  button.addEventListener('focus', load);
  button.addEventListener('click', ports.pressed);
  view?.addEventListener('resize', fit);
  setLocale(ports.locale);
  document.body.append(host);

  return {
    get frame() {
      return frame?.contentWindow ?? null;
    },
    get isOpen() {
      return open;
    },
    get isPhone() {
      return phone.matches;
    },
    load,
    setOpen(next) {
      if (next === open) return;
      load();
      open = next;
      draw();
      if (phone.matches || !open) {
        // The page behind a full screen must not scroll; its own setting comes back after.
        if (open) scrolling = page.overflow;
        page.overflow = open ? 'hidden' : scrolling;
      }
      if (open) frame?.focus();
      else button.focus({ preventScroll: true });
    },
    setReady: () => root.classList.add('ready'),
    setUnread(count) {
      unread = count;
      draw();
    },
    setLocale,
    paint({ solid, on, position }) {
      if (solid) root.style.setProperty('--solid', solid);
      if (on) root.style.setProperty('--on', on);
      if (position) root.classList.toggle('start', position === 'start');
    },
    post: (message) => frame?.contentWindow?.postMessage(message, ports.desk),
    remove() {
      if (open) page.overflow = scrolling;
      view?.removeEventListener('resize', fit);
      host.remove();
    },
  };
}
