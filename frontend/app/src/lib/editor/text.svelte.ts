/** One text of an article while it is written: kept at once, saved, and never lost to a conflict. */
import { dataOf, Problem } from '$shared/api/client';
import type { Article, ArticleChange, ArticleText } from '$shared/api/types';
import { api, session } from '../stores/session.svelte';
import { toasts } from '../stores/toasts.svelte';
import { KeptTexts, type KeptText, type Written } from './kept';
import { w } from '$lib/words/knowledge';

const SERVER_EVERY_MS = 2000;

/** Somebody saved after this text was opened. */
export type Clash = { base: Written; theirs: Written; version: number; author: string };
/** Text that was written and not saved, found again. */
export type Found = { from: 'browser' | 'server'; at: string };

export class TextStore {
  article = $state.raw<Article | null>(null);
  text = $state.raw<ArticleText | null>(null);
  title = $state('');
  summary = $state('');
  body = $state('');
  /** Counts up when the text was replaced by something that was not typed here. */
  loads = $state(0);
  keeping = $state<'saved' | 'local' | 'server' | 'saving'>('saved');
  clash = $state.raw<Clash | null>(null);
  found = $state.raw<Found | null>(null);
  problem = $state.raw<unknown>(null);
  /** Which source paragraph each paragraph was made from, while a translation is aligned. */
  stamps: string[] | null = null;
  readonly dirty = $derived(this.keeping !== 'saved');
  private readonly kept = new KeptTexts(session.myId);
  private timer: ReturnType<typeof setTimeout> | null = null;
  private base: Written = { title: '', summary: '', body: '' };
  private baseVersion = 0;

  constructor(
    readonly id: string,
    readonly locale: string,
  ) {}

  private get at() {
    return { params: { path: { article_id: this.id, locale: this.locale } } };
  }
  private get key(): string {
    return `${this.id}/${this.locale}`;
  }
  get written(): Written {
    return { title: this.title, summary: this.summary, body: this.body };
  }

  async load(): Promise<void> {
    try {
      const [article, text] = await Promise.all([
        dataOf(
          api.GET('/api/v1/articles/{article_id}', { params: { path: { article_id: this.id } } }),
        ),
        dataOf(api.GET('/api/v1/articles/{article_id}/locales/{locale}', this.at)),
      ]);
      this.article = article;
      this.take(text);
      await this.find(text);
    } catch (error) {
      this.problem = error;
    }
  }

  async reloadArticle(): Promise<void> {
    this.article = await dataOf(
      api.GET('/api/v1/articles/{article_id}', { params: { path: { article_id: this.id } } }),
    );
  }

  /** Takes what was typed; in this browser at once, on the server within two seconds. */
  type(change: Partial<Written>): void {
    const now = { ...this.written, ...change };
    if (same(now, this.written)) return;
    ({ title: this.title, summary: this.summary, body: this.body } = now);
    this.keeping = 'local';
    this.kept.put(this.key, { ...now, base: this.baseVersion, at: new Date().toISOString() });
    this.timer ??= setTimeout(() => void this.push(), SERVER_EVERY_MS);
  }

  /** Replaces the text by one that was not typed: a version, a merge, another's. */
  replace(written: Written): void {
    this.type(written);
    this.loads += 1;
  }

  /** Saves a version. False when it was refused; what is written stays. */
  async save(note = ''): Promise<boolean> {
    if (!this.text || this.clash) return false;
    if (!this.dirty && this.stamps === null) return true;
    if (this.title.trim() === '') {
      toasts.say(w('title_needed'));
      return false;
    }
    this.stopTimer();
    const sent = this.written;
    this.keeping = 'saving';
    try {
      const text = await dataOf(
        api.PUT('/api/v1/articles/{article_id}/locales/{locale}', {
          ...this.at,
          body: { ...sent, version: this.baseVersion, note, stamps: this.stamps },
        }),
      );
      this.stamps = null;
      this.accept(text, sent);
      return true;
    } catch (error) {
      this.keeping = 'local';
      if (error instanceof Problem && error.code === 'conflict') this.collide(error);
      else toasts.fail(error);
      return false;
    }
  }

  /** Does a step that answers with the text as it is then: publish, submit, restore. */
  async step(call: () => Promise<{ data?: ArticleText }>, done = ''): Promise<boolean> {
    if (!(await this.save())) return false;
    try {
      const text = await dataOf(call());
      const replaced = text.body !== this.body || text.title !== this.title;
      this.accept(text, this.written);
      if (replaced) this.take(text);
      await this.reloadArticle();
      if (done) toasts.say(done);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === 'conflict') await this.look();
      toasts.fail(error);
      return false;
    }
  }

  async change(change: ArticleChange): Promise<void> {
    try {
      this.article = await dataOf(
        api.PATCH('/api/v1/articles/{article_id}', {
          params: { path: { article_id: this.id } },
          body: { ...change, version: this.article?.version ?? 1 },
        }),
      );
      toasts.say(w('saved'));
    } catch (error) {
      await this.reloadArticle().catch(() => undefined);
      toasts.fail(error);
    }
  }

  /** Settles a conflict: this text is to follow theirs. */
  async settle(written: Written): Promise<boolean> {
    const { clash } = this;
    if (!clash) return false;
    this.base = clash.theirs;
    this.baseVersion = clash.version;
    this.clash = null;
    this.keeping = 'local';
    this.replace(written);
    this.keeping = 'local';
    return this.save();
  }

  /** Forgets what was found again and goes back to what is saved. */
  async discard(): Promise<void> {
    this.stopTimer();
    await this.kept.drop(this.key);
    await api.DELETE('/api/v1/articles/{article_id}/locales/{locale}/typed', this.at);
    this.clash = this.found = null;
    this.take(await dataOf(api.GET('/api/v1/articles/{article_id}/locales/{locale}', this.at)));
  }

  /** Looks whether somebody saved meanwhile, so that it is known before hours were written. */
  async look(): Promise<void> {
    const text = await dataOf(api.GET('/api/v1/articles/{article_id}/locales/{locale}', this.at));
    if (text.version === this.baseVersion) this.text = text;
    else if (same(written(text), this.base) || !this.dirty) this.take(text);
    else this.clashWith(written(text), text.version, text.author_name);
  }

  leave(): void {
    if (this.timer) void this.push();
  }

  private take(text: ArticleText): void {
    this.text = text;
    this.base = written(text);
    this.baseVersion = text.version;
    ({ title: this.title, summary: this.summary, body: this.body } = this.base);
    this.keeping = 'saved';
    this.loads += 1;
  }

  private accept(text: ArticleText, sent: Written): void {
    this.text = text;
    this.base = sent;
    this.baseVersion = text.version;
    this.found = null;
    // What was typed while the save was on its way is still to be kept.
    if (same(sent, this.written)) {
      this.keeping = 'saved';
      void this.kept.drop(this.key);
    } else this.timer ??= setTimeout(() => void this.push(), 0);
  }

  private async find(text: ArticleText): Promise<void> {
    const local = await this.kept.get(this.key);
    const typed: KeptText | null = text.typed && { ...text.typed, at: text.typed.updated_at };
    const newest = !local || (typed && typed.at > local.at) ? typed : local;
    if (!newest || same(newest, written(text))) return;
    this.found = { from: newest === local ? 'browser' : 'server', at: newest.at };
    if (newest.base !== text.version) {
      // It was begun on an earlier version: both are shown.
      this.baseVersion = newest.base;
      this.base = await this.versionBefore(text);
      ({ title: this.title, summary: this.summary, body: this.body } = newest);
      this.keeping = 'local';
      this.loads += 1;
      this.clashWith(written(text), text.version, text.author_name);
    } else this.replace(written(newest));
  }

  /** The text that a draft of an earlier version was begun on, as far as it is known. */
  private async versionBefore(text: ArticleText): Promise<Written> {
    if (text.number < 2) return written(text);
    return written(
      await dataOf(
        api.GET('/api/v1/articles/{article_id}/locales/{locale}/versions/{number}', {
          params: {
            path: { article_id: this.id, locale: this.locale, number: text.number - 1 },
          },
        }),
      ),
    );
  }

  private collide(error: Problem): void {
    const body = error.body as { theirs?: Written; version?: number; author?: string };
    if (body.theirs && body.version) this.clashWith(body.theirs, body.version, body.author ?? '');
    else void this.look();
  }

  private clashWith(theirs: Written, version: number, author: string): void {
    this.clash = { base: this.base, theirs: written(theirs), version, author };
  }

  private async push(): Promise<void> {
    this.stopTimer();
    if (this.keeping !== 'local') return;
    const sent = this.written;
    try {
      await api.PUT('/api/v1/articles/{article_id}/locales/{locale}/typed', {
        ...this.at,
        body: { ...sent, version: this.baseVersion },
      });
      if (this.keeping === 'local' && same(sent, this.written)) this.keeping = 'server';
    } catch {
      // Kept in this browser; the next keystroke tries the server again.
    }
  }

  private stopTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}

function written({ title, summary, body }: Written): Written {
  return { title, summary, body };
}

function same(one: Written, other: Written): boolean {
  return one.title === other.title && one.summary === other.summary && one.body === other.body;
}
