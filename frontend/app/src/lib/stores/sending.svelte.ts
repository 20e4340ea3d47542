/** Sending: shown at once, held for undo, refused when someone wrote in between. */
import { dataOf, Problem } from '$shared/api/client';
import type {
  Attachment,
  FileStored,
  Message,
  MessageCreate,
  Status,
  Template,
} from '$shared/api/types';
import { m } from '$lib/words/app';
import { clock } from './clock.svelte';
import { drafts, type Kind } from './drafts.svelte';
import { api } from './session.svelte';
import { localMessage, type Thread } from './threads.svelte';
import { toasts } from './toasts.svelte';

export type Outgoing = {
  kind: Kind;
  text: string;
  files: (FileStored | Attachment)[];
  mentions: string[];
  undoSeconds: number;
  status?: Status;
  /** Why it may go although the time for free text is over. */
  tag?: string;
  template?: Template;
  /** What the sender had seen; a resend after a refusal names the newer message. */
  lastSeen: number;
};

export type SendResult =
  | { ok: true }
  /** `refused`: what the channel cannot send now, in words; nothing was sent. */
  | { ok: false; newer: Message[] | null; refused?: string };

/** Posts a message. A refusal as stale gives back what is newer; nothing was sent then. */
export async function sendMessage(thread: Thread, out: Outgoing): Promise<SendResult> {
  const clientId = crypto.randomUUID();
  const channel = thread.ticket?.channel ?? '';
  const attachments = out.files;
  const seq = Math.max(0, ...thread.messages.map((message) => message.seq)) + 0.5;
  const local = localMessage(thread.id, {
    kind: out.kind,
    text: out.text,
    client_id: clientId,
    channel,
    attachments,
    seq,
  });
  thread.merge([local]);
  drafts.clear(thread.id);
  const result = await post(thread, local, {
    kind: out.kind,
    text: out.text,
    client_id: clientId,
    last_seen_seq: out.lastSeen,
    attachment_ids: out.files.map((file) => file.id),
    mentions: out.mentions,
    undo_seconds: out.kind === 'reply' ? out.undoSeconds : 0,
    ...(out.status ? { status: out.status } : {}),
    ...(out.tag ? { tag: out.tag } : {}),
    ...(out.template ? { template: out.template, text: '' } : {}),
  });
  return result;
}

const unsent = new Map<string, MessageCreate>();

async function post(thread: Thread, local: Message, body: MessageCreate): Promise<SendResult> {
  try {
    const message = await dataOf(
      api.POST('/api/v1/tickets/{ticket_id}/messages', {
        params: { path: { ticket_id: thread.id } },
        body,
      }),
    );
    unsent.delete(local.id);
    thread.merge([message]);
    return { ok: true };
  } catch (error) {
    if (error instanceof Problem && error.code === 'stale-reply') {
      thread.drop(local.id);
      const newer = error.body.newer ?? [];
      thread.merge(newer);
      return { ok: false, newer };
    }
    const [refusal] = error instanceof Problem ? (error.body.refusals ?? []) : [];
    if (refusal) {
      thread.drop(local.id);
      return { ok: false, newer: null, refused: refusal.text };
    }
    // The same client id makes a second try safe, whether or not the first arrived.
    unsent.set(local.id, body);
    const reason =
      error instanceof Problem && error.code === 'offline' ? m.not_sent_offline() : m.not_sent();
    thread.merge([{ ...local, state: 'failed', state_reason: reason }]);
    if (!(error instanceof Problem && error.code === 'offline')) toasts.fail(error);
    return { ok: false, newer: null };
  }
}

/** Tries a failed message again: one never accepted is posted, one not delivered is queued anew. */
export async function retry(thread: Thread, message: Message): Promise<void> {
  const body = unsent.get(message.id);
  if (body) {
    const local = { ...message, state: 'queued', state_reason: '' };
    thread.merge([local]);
    await post(thread, local, {
      ...body,
      last_seen_seq: Math.max(body.last_seen_seq, thread.lastSeq),
    });
    return;
  }
  try {
    thread.merge([
      await dataOf(
        api.POST('/api/v1/messages/{message_id}/retry', {
          params: { path: { message_id: message.id } },
        }),
      ),
    ]);
  } catch (error) {
    toasts.fail(error);
  }
}

/** Whether a message can still be taken back. */
export function isHeld(message: Message, now = clock.now): boolean {
  return (
    message.hold_until !== null &&
    (message.state === 'queued' || message.state === 'sending') &&
    Date.parse(message.hold_until) > now
  );
}

/** Takes back a held message and returns its text to the composer. */
export async function takeBack(thread: Thread, message: Message): Promise<boolean> {
  try {
    const canceled = await dataOf(
      api.DELETE('/api/v1/messages/{message_id}', { params: { path: { message_id: message.id } } }),
    );
    thread.merge([canceled]);
    const held = drafts.get(thread.id);
    const kind: Kind = message.kind === 'note' ? 'note' : 'reply';
    drafts.put(thread.id, {
      reply: '',
      note: '',
      files: message.attachments,
      lastSeen: thread.lastSeq,
      ...held,
      kind,
      [kind]: held?.[kind] ? `${message.text}\n${held[kind]}` : message.text,
      updatedAt: clock.iso(),
    });
    return true;
  } catch (error) {
    toasts.fail(error);
    return false;
  }
}

/** The newest message of a thread that can still be taken back. */
export function lastHeld(thread: Thread | null): Message | null {
  return thread?.messages.findLast((message) => isHeld(message)) ?? null;
}
