/** What is being written on one ticket: text, files, mentions; saved as it changes. */
import { Problem } from '$shared/api/client';
import type {
  Attachment,
  Composing,
  Draft,
  FileStored,
  Message,
  Status,
  Template,
} from '$shared/api/types';
import { m } from '$lib/words/app';
import { fileProblem } from '../logic/files';
import { sizeOf } from '../logic/text';
import { clock } from '../stores/clock.svelte';
import { openTicket } from '../stores/commands.svelte';
import { directory } from '../stores/directory.svelte';
import { drafts, type Kind, type LocalDraft } from '../stores/drafts.svelte';
import { list } from '../stores/list.svelte';
import { live } from '../stores/live.svelte';
import { sendMessage } from '../stores/sending.svelte';
import type { Thread } from '../stores/threads.svelte';
import { toasts } from '../stores/toasts.svelte';
import { upload, type Upload } from '../stores/uploads';

const UNDO_SECONDS = 10;
const TYPING_MS = 4000;

export type Pending = { id: number; name: string; share: number; upload: Upload };
export type SendOptions = { status?: Status; next?: boolean; now?: boolean };

export class ComposerState {
  pending = $state<Pending[]>([]);
  /** Messages that arrived since, when a send was refused because of them. */
  newer = $state.raw<readonly Message[] | null>(null);
  /** What the channel allows now; null where it allows everything, or while that is asked. */
  permit = $state.raw<Composing | null>(null);
  /** Why a reply may go although the time for free text is over. */
  tag = $state('');
  private refused: SendOptions = {};
  private nextId = 1;
  private typing: ReturnType<typeof setTimeout> | null = null;
  private chosen = $state<Kind>('reply');
  private readonly held = $derived.by(() => drafts.get(this.thread.id));
  readonly kind = $derived<Kind>(this.held?.kind ?? this.chosen);
  readonly text = $derived(this.held?.[this.kind] ?? '');
  readonly files = $derived<readonly (FileStored | Attachment)[]>(this.held?.files ?? []);
  readonly blocked = $derived.by(() => {
    const [first] = this.permit?.refusals ?? [];
    return first !== undefined && !(first.code === 'window-closed' && this.tag !== '');
  });
  readonly ready = $derived(
    (this.kind === 'note' || !this.blocked) &&
      (this.text.trim() !== '' || this.files.length > 0) &&
      this.pending.length === 0,
  );

  constructor(readonly thread: Thread) {}

  adopt(draft: Draft | null): void {
    drafts.adopt(this.thread.id, draft);
  }

  setKind(kind: Kind): void {
    this.chosen = kind;
    if (this.held) this.save({ kind });
  }

  write(text: string): void {
    this.save({ [this.kind]: text });
    if (this.kind === 'reply' && text !== '') this.tellTyping();
  }

  attach(files: readonly File[]): void {
    const rules = directory.inbox(this.thread.ticket?.inbox_id)?.capabilities;
    for (const file of files) {
      const already = this.files.length + this.pending.length;
      const wrong = rules && this.kind === 'reply' ? fileProblem(file, rules, already) : null;
      if (wrong === null || !rules) {
        void this.push(file);
        continue;
      }
      const { name } = file;
      toasts.warn(
        {
          none: () => m.file_none(),
          'too-many': () => m.file_too_many({ n: rules.max_attachments ?? 0 }),
          'too-large': () =>
            m.file_too_large({
              name,
              size: sizeOf(file.size),
              max: sizeOf(rules.max_attachment_bytes),
            }),
          'wrong-type': () => m.file_wrong_type({ name, types: rules.attachment_types.join(', ') }),
        }[wrong](),
      );
    }
  }

  cancel(id: number): void {
    this.pending.find((one) => one.id === id)?.upload.cancel();
  }

  remove(fileId: string): void {
    this.save({ files: this.files.filter((file) => file.id !== fileId) });
  }

  async send(
    options: SendOptions,
    lastSeen = this.held?.lastSeen ?? this.thread.lastSeq,
  ): Promise<void> {
    if (!this.ready) return;
    const draft = this.snapshot();
    const { kind } = this;
    this.newer = null;
    this.stopTyping();
    const following = options.next ? list.neighbour(this.thread.id, 1) : null;
    const hold =
      directory.inbox(this.thread.ticket?.inbox_id)?.capabilities.undo_seconds ?? UNDO_SECONDS;
    const sending = sendMessage(this.thread, {
      kind,
      text: draft[kind].trim(),
      files: draft.files,
      mentions: kind === 'note' ? this.mentioned(draft.note) : [],
      undoSeconds: options.now ? 0 : Math.min(30, hold),
      lastSeen,
      ...(kind === 'reply' && this.tag ? { tag: this.tag } : {}),
      ...(options.status ? { status: options.status } : {}),
    });
    const result = await sending;
    if (!result.ok && result.refused) {
      drafts.put(this.thread.id, { ...draft, updatedAt: clock.iso() });
      toasts.warn(result.refused);
    } else if (!result.ok && result.newer) {
      // Nothing was sent: the text comes back, with what arrived beside it.
      drafts.put(this.thread.id, { ...draft, updatedAt: clock.iso() });
      this.newer = result.newer;
      this.refused = options;
    } else if (result.ok && following && following !== this.thread.id) openTicket(following);
  }

  /** Sends although there is something newer, which has been seen now. */
  async sendAnyway(): Promise<void> {
    const seen = Math.max(this.thread.lastSeq, ...(this.newer ?? []).map((message) => message.seq));
    await this.send(this.refused, seen);
  }

  /** Sends an approved template; the draft stays. */
  async sendTemplate(template: Template, text: string): Promise<void> {
    const held = this.held;
    const result = await sendMessage(this.thread, {
      kind: 'reply',
      text,
      template,
      files: [],
      mentions: [],
      undoSeconds: 0,
      lastSeen: this.thread.lastSeq,
    });
    if (held) drafts.put(this.thread.id, held);
    if (!result.ok && result.refused) toasts.warn(result.refused);
    else if (!result.ok && result.newer) toasts.warn(m.stale_title());
  }

  keepWriting(): void {
    this.newer = null;
    this.save({ lastSeen: this.thread.lastSeq });
  }

  leave(): void {
    this.stopTyping();
    for (const { upload: running } of this.pending) running.cancel();
  }

  private mentioned(text: string): string[] {
    return directory.agents
      .filter((agent) => text.includes(`@${agent.name}`))
      .map((agent) => agent.id);
  }

  private async push(file: File): Promise<void> {
    const id = this.nextId++;
    const running = upload(file, (share) => {
      const entry = this.pending.find((one) => one.id === id);
      if (entry) entry.share = share;
    });
    this.pending.push({ id, name: file.name, share: 0, upload: running });
    try {
      const stored = await running.done;
      this.save({ files: [...this.files, stored] });
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'canceled')) toasts.fail(error);
    } finally {
      this.pending = this.pending.filter((one) => one.id !== id);
    }
  }

  private snapshot(): LocalDraft {
    return (
      this.held ?? {
        kind: this.chosen,
        reply: '',
        note: '',
        files: [],
        lastSeen: this.thread.lastSeq,
        updatedAt: clock.iso(),
      }
    );
  }

  private save(change: Partial<LocalDraft>): void {
    drafts.put(this.thread.id, {
      ...this.snapshot(),
      ...change,
      updatedAt: clock.iso(),
    });
  }

  private tellTyping(): void {
    const capable = directory.inbox(this.thread.ticket?.inbox_id)?.capabilities.typing;
    if (!capable) return;
    if (this.typing === null) live.typing(this.thread.id, true);
    else clearTimeout(this.typing);
    this.typing = setTimeout(() => this.stopTyping(), TYPING_MS);
  }

  private stopTyping(): void {
    if (this.typing === null) return;
    clearTimeout(this.typing);
    this.typing = null;
    live.typing(this.thread.id, false);
  }
}
