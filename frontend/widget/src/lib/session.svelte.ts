/** The state behind every screen, kept in step with the desk. */

import type { Bridge, FromLoader, Init } from './bridge';
import { Connection, type Link } from './connection';
import { chooseLocale, speak } from './locale';
import type { Locale } from './messages';
import { isLocal, newLocalConversation, Outbox, type OutboxItem } from './outbox';
import { chime } from './sound';
import { exclusively, otherTabs, type Shelf } from './storage';
import { Threads } from './threads.svelte';
import type * as T from './types';
import { Uploads } from './uploads.svelte';
import { uuid } from './uuid';
import type { Values } from './validate';
import { openWire, wireUrl } from './wire';

export type Screen = { name: 'home' | 'form' | 'closed' } | { name: 'thread'; id: string };

type Drafts = { texts: Record<string, string>; form: Values };
type Sending = { attachments?: T.Attachment[]; form?: T.FormValues | null };

export class Session {
  locale = $state<Locale>('en');
  phone = $state(false);
  open = $state(true);
  screen = $state.raw<Screen>({ name: 'home' });
  link = $state.raw<Link>({ state: 'connecting', nextTryAt: null, code: null });
  /** What the desk said last; null before the first answer. */
  hello = $state.raw<T.Hello | null>(null);
  pending = $state.raw<OutboxItem[]>([]);
  /** Scores given, by conversation; 0 means that the question was skipped. */
  rated = $state<Record<string, number>>({});
  muted = $state(false);
  drafts = $state<Drafts>({ texts: {}, form: {} });

  readonly config: T.Config;
  readonly lasting: boolean;
  readonly threads: Threads;
  readonly uploads: Uploads;
  readonly connection: Connection;
  readonly outbox: Outbox;

  #bridge: Bridge;
  #shelf: Shelf;
  #token: string | null;
  #identity: string | null;
  #page: T.Page;
  #forms = new Map<string, T.FormValues>();
  /** New conversations begun in this tab, by the `client_id` of what was written in them. */
  #begun = new Map<string, string>();
  #tellTabs: () => void;

  constructor(config: T.Config, init: Init, shelf: Shelf, bridge: Bridge) {
    this.config = config;
    this.lasting = shelf.lasting && init.stored;
    this.phone = init.phone;
    this.open = init.open;
    this.#bridge = bridge;
    this.#shelf = shelf;
    this.#token = init.token;
    this.#identity = init.identity;
    this.#page = init.page;
    this.connection = new Connection({
      open: (handlers) => openWire(wireUrl(location.href), '/widget', this.#auth(), handlers),
      hello: (hello) => void this.#welcome(hello),
      event: (name, payload) => this.#heard(name, payload),
      link: (link) => (this.link = link),
      refused: (code) => this.#refused(code),
    });
    this.threads = new Threads({
      call: (event, payload) => this.connection.call(event, payload),
      tell: (event, payload) => this.connection.tell(event, payload),
      seen: () => this.#seen(),
      unread: (count) => bridge.tell({ parley: 'unread', count }),
    });
    this.outbox = new Outbox({
      store: shelf.queue,
      send: (item, id) => this.#deliver(item, id),
      isOpen: () => this.connection.isOpen,
      exclusive: exclusively(`parley-outbox-${config.inbox}`),
      changed: (items) => this.#queued(items),
      sent: (item, result) => this.#confirmed(item, result),
      later: (work, delay) => void setTimeout(work, delay),
    });
    this.uploads = new Uploads(
      () => this.#token,
      (conversation, file) => void this.send(conversation, '', { attachments: [file] }),
    );
    this.#tellTabs = otherTabs(`parley-${config.inbox}`, () => void this.#reread());
  }

  /** Reads what was kept, chooses the language and opens the link. */
  async start(wishes: readonly (string | null)[]): Promise<void> {
    const [drafts, muted, rated, chosen] = await Promise.all([
      this.#shelf.load<Partial<Drafts>>('drafts'),
      this.#shelf.load<boolean>('muted'),
      this.#shelf.load<Record<string, number>>('rated'),
      this.#shelf.load<string>('locale'),
    ]);
    this.drafts = { texts: drafts?.texts ?? {}, form: drafts?.form ?? {} };
    this.muted = muted ?? false;
    this.rated = rated ?? {};
    await this.setLocale(
      chooseLocale([chosen, ...wishes, this.config.locale], this.config.locales),
    );
    await this.outbox.load();
    this.connection.start();
    addEventListener('online', () => this.connection.tryNow());
    addEventListener('offline', () => this.connection.lost());
    document.addEventListener('visibilitychange', () => this.#shown());
  }

  async setLocale(locale: Locale, chosen = false): Promise<void> {
    await speak(locale);
    this.locale = locale;
    if (chosen) void this.#shelf.save('locale', locale);
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    void this.#shelf.save('muted', muted);
  }

  keepDrafts(): void {
    void this.#shelf.save('drafts', $state.snapshot(this.drafts));
  }

  // --- screens

  show(screen: Screen): void {
    this.screen = screen;
    if (screen.name === 'thread') void this.threads.open(screen.id);
  }

  newThread(form: T.FormValues = {}): string {
    const id = newLocalConversation(uuid());
    this.#forms.set(id, form);
    this.show({ name: 'thread', id });
    return id;
  }

  close(): void {
    this.#bridge.tell({ parley: 'close' });
  }

  /** The name of the bot that answers first; empty for the usual one, null for none. */
  get bot(): string | null {
    const { bot, features } = this.config;
    return bot?.name ?? (features.bot ? '' : null);
  }

  get alone(): boolean {
    return this.#bridge.alone;
  }

  // --- what the visitor does

  async send(conversation: string, text: string, sending: Sending = {}): Promise<void> {
    const clientId = uuid();
    if (isLocal(conversation)) this.#begun.set(clientId, conversation);
    await this.outbox.add({
      client_id: clientId,
      conversation,
      text,
      attachments: sending.attachments ?? [],
      form: sending.form ?? this.#forms.get(conversation) ?? null,
      page: this.#page,
      written_at: Date.now(),
      state: 'waiting',
      reason: null,
      attempts: 0,
    });
  }

  type(conversation: string, on: boolean): void {
    if (!isLocal(conversation))
      this.connection.tell('typing', { conversation_id: conversation, on });
  }

  /** True when the desk has recorded it. */
  rate(id: string, score: number, comment?: string): Promise<boolean> {
    return this.#ask('rate', { conversation_id: id, score, ...(comment ? { comment } : {}) });
  }

  markRated(id: string, score: number): void {
    this.rated[id] = score;
    void this.#shelf.save('rated', $state.snapshot(this.rated));
  }

  end(id: string): Promise<boolean> {
    return this.#ask('end', { conversation_id: id });
  }

  transcript(id: string, email: string): Promise<boolean> {
    return this.#ask('transcript', { conversation_id: id, email });
  }

  /** Help articles for a question; the best ones for no question. None when there is no answer. */
  async articles(query: string): Promise<T.Article[]> {
    const wanted = new URLSearchParams({
      q: query,
      locale: this.locale,
      inbox: this.config.inbox,
    });
    try {
      // A visitor whom the site has signed in also finds what is for customers only.
      const headers = this.#token ? { authorization: `Bearer ${this.#token}` } : undefined;
      const response = await fetch(`/api/widget/v1/articles?${wanted}`, { headers });
      return response.ok ? ((await response.json()) as { items: T.Article[] }).items : [];
    } catch {
      // Search is an extra: without it the section is not shown.
      return [];
    }
  }

  /** The address of a file; a picture may be shown, anything else is downloaded. */
  fileUrl(file: T.Attachment, inline: boolean): string {
    const token = encodeURIComponent(this.#token ?? '');
    return `${file.url}?token=${token}${inline ? '&inline=true' : ''}`;
  }

  async #ask(event: string, payload: unknown): Promise<boolean> {
    const answer = await this.connection.call<{ conversation?: T.Conversation }>(event, payload);
    if (!answer || 'error' in answer) return false;
    if (answer.conversation) this.threads.know([answer.conversation]);
    return true;
  }

  // --- from the loader

  heard(message: FromLoader): void {
    switch (message.parley) {
      case 'visible':
        this.open = message.open;
        this.phone = message.phone;
        if (message.open) this.#shown();
        break;
      case 'stored':
        // Another tab was given a newer token; it counts from the next connection on.
        this.#token = message.token ?? this.#token;
        this.#shelf.refresh(message.kept);
        void this.#reread();
        break;
      case 'identity':
        this.#identity = message.identity;
        this.connection.restart();
        break;
      case 'locale':
        void this.setLocale(chooseLocale([message.locale, this.locale], this.config.locales));
        break;
      case 'page':
        this.#page = message.page;
        this.connection.tell('page', { url: message.page.url, title: message.page.title });
        break;
      case 'forget':
        this.connection.stop();
        void this.outbox.clear().then(() => this.#bridge.tell({ parley: 'forgotten' }));
        break;
    }
  }

  // --- from the desk

  #auth(): Record<string, unknown> {
    return {
      inbox: this.config.inbox,
      locale: this.locale,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      page: this.#page,
      ...(this.#token ? { token: this.#token } : {}),
      ...(this.#identity ? { identity: this.#identity } : {}),
    };
  }

  #refused(code: string): boolean {
    const stale = code === 'not-authenticated' || code === 'session-expired';
    // With an identity it is the identity that was refused, and that is never passed over.
    if (stale && this.#token && !this.#identity) {
      // A token nobody knows any more: start as a new visitor rather than not at all.
      this.#token = null;
      return true;
    }
    this.#bridge.tell({ parley: 'event', name: 'error', data: { code } });
    return false;
  }

  async #welcome(hello: T.Hello): Promise<void> {
    this.#token = hello.token;
    this.#bridge.tell({ parley: 'token', token: hello.token });
    this.hello = hello;
    await this.threads.replace(hello.conversations);
    if (this.screen.name === 'thread') await this.threads.open(this.screen.id);
    await this.outbox.flush();
  }

  #heard(name: string, payload: unknown): void {
    if (name === 'message') return this.#received(payload as T.Sent);
    if (name === 'conversation') return this.threads.know([payload as T.Conversation]);
    const about = payload as {
      conversation_id: string;
      seq: number;
      state: T.MessageState;
      on: boolean;
      name: string;
    };
    if (name === 'receipt') this.threads.receipt(about.conversation_id, about.seq, about.state);
    if (name === 'typing')
      this.threads.setTyping(about.conversation_id, about.on ? about.name : null);
  }

  #received(sent: T.Sent): void {
    const { message, conversation } = sent;
    // Another tab may have sent what was written here.
    const local = message.client_id === null ? undefined : this.#begun.get(message.client_id);
    if (local !== undefined) this.#opened(local, conversation.id);
    const unseen = this.#seen() !== conversation.id;
    this.threads.take(sent, local !== undefined);
    if (message.author.kind === 'visitor') return;
    this.#bridge.tell({
      parley: 'event',
      name: 'message',
      data: { conversation_id: conversation.id, author: message.author.name },
    });
    if (unseen && !this.muted) chime();
  }

  #confirmed(item: OutboxItem, sent: T.Sent): void {
    const begun = isLocal(item.conversation);
    if (begun) this.#opened(item.conversation, sent.conversation.id);
    this.threads.take(sent, begun);
  }

  /** The desk has opened a conversation that was begun here: everything moves to its id. */
  #opened(local: string, id: string): void {
    this.uploads.move(local, id);
    const draft = this.drafts.texts[local];
    if (draft) this.drafts.texts[id] = draft;
    delete this.drafts.texts[local];
    this.#forms.delete(local);
    this.pending = this.pending.map((one) =>
      one.conversation === local ? { ...one, conversation: id } : one,
    );
    if (this.screen.name === 'thread' && this.screen.id === local)
      this.screen = { name: 'thread', id };
  }

  #deliver(item: OutboxItem, id: string | null): Promise<T.Ack<T.Sent> | null> {
    return this.connection.call<T.Sent>('send', {
      client_id: item.client_id,
      conversation_id: id,
      text: item.text,
      attachment_ids: item.attachments.map((file) => file.id),
      ...(id === null && item.form ? { form: item.form } : {}),
      page: item.page,
    });
  }

  #queued(items: OutboxItem[]): void {
    this.pending = items;
    this.#tellTabs();
  }

  async #reread(): Promise<void> {
    this.pending = await this.#shelf.queue.read();
  }

  #seen(): string | null {
    const looking = this.open && document.visibilityState === 'visible';
    return looking && this.screen.name === 'thread' ? this.screen.id : null;
  }

  #shown(): void {
    if (document.visibilityState !== 'visible') return;
    void this.connection.probe().then(() => {
      if (this.connection.isOpen) void this.threads.resumeAll();
    });
  }
}
