/** Files on their way to the desk; each becomes a message of its own when it has arrived. */

import type { UploadItem } from './timeline';
import type { Attachment } from './types';
import { upload, type Upload } from './upload';
import { uuid } from './uuid';

const PICTURES = /^image\/(png|jpeg|gif|webp|avif)$/;

export class Uploads {
  items = $state.raw<UploadItem[]>([]);

  #token: () => string | null;
  #arrived: (conversation: string, file: Attachment) => void;
  #files = new Map<string, { file: File; running: Upload | null }>();

  constructor(
    token: () => string | null,
    arrived: (conversation: string, file: Attachment) => void,
  ) {
    this.#token = token;
    this.#arrived = arrived;
  }

  add(conversation: string, file: File, limit: number): void {
    const item: UploadItem = {
      id: uuid(),
      conversation,
      name: file.name,
      size: file.size,
      share: 0,
      state: 'running',
      reason: null,
      preview: PICTURES.test(file.type) ? URL.createObjectURL(file) : null,
      written_at: Date.now(),
    };
    this.items = [...this.items, item];
    this.#files.set(item.id, { file, running: null });
    if (file.size > limit) this.#edit(item.id, { state: 'failed', reason: 'too-large' });
    else this.retry(item.id);
  }

  retry(id: string): void {
    const entry = this.#files.get(id);
    if (!entry) return;
    const token = this.#token();
    if (token === null) return this.#edit(id, { state: 'failed', reason: 'offline' });
    this.#edit(id, { state: 'running', reason: null, share: 0 });
    entry.running = upload('/api/widget/v1/files', token, entry.file, (share) =>
      this.#edit(id, { share }),
    );
    entry.running.done.then(
      (file) => {
        const conversation = this.items.find((item) => item.id === id)?.conversation;
        this.#forget(id);
        if (conversation) this.#arrived(conversation, file);
      },
      (problem: Error) => this.#edit(id, { state: 'failed', reason: problem.message }),
    );
  }

  /** Stops an upload, or takes a failed one away. */
  cancel(id: string): void {
    const running = this.#files.get(id)?.running;
    this.#forget(id);
    running?.cancel();
  }

  /** A new conversation has got its real id. */
  move(from: string, to: string): void {
    this.items = this.items.map((item) =>
      item.conversation === from ? { ...item, conversation: to } : item,
    );
  }

  #edit(id: string, patch: Partial<UploadItem>): void {
    this.items = this.items.map((item) => (item.id === id ? { ...item, ...patch } : item));
  }

  #forget(id: string): void {
    const preview = this.items.find((item) => item.id === id)?.preview;
    if (preview) URL.revokeObjectURL(preview);
    this.items = this.items.filter((item) => item.id !== id);
    this.#files.delete(id);
  }
}
