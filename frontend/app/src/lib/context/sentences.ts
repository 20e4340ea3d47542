/** Why the desk decided something, in the reader's language; the server's sentence where none is known. */
import type { DeskEvent } from '$shared/api/types';
import { m } from '$lib/words/app';

type Params = Record<'number' | 'sender' | 'address' | 'agent' | 'policy', string>;

const SENTENCES: Record<string, (params: Params) => string> = {
  'threading.conversation': m.because_conversation,
  'threading.own_message': m.because_own_message,
  'threading.reply_token': m.because_reply_token,
  'threading.body_marker': m.because_body_marker,
  'threading.known_message': m.because_known_message,
  'threading.bounced': m.because_bounced,
  'threading.follow_up': m.because_follow_up,
  'threading.forged': m.because_forged,
  'threading.stranger': m.because_stranger,
  'threading.joined_follow_up': m.because_joined_follow_up,
  'threading.new': m.because_new,
  'threading.forwarded': m.because_forwarded,
  'threading.same_mail': m.because_same_mail,
  'identity.claimed': m.because_claimed,
  'identity.forged': m.because_identity_forged,
  'sla.policy': m.because_sla_policy,
  'sla.applied': m.because_sla_policy,
  'sla.none': m.because_sla_none,
};

export function sentenceOf(event: DeskEvent): string {
  const write = SENTENCES[String(event.data.sentence_key ?? '')];
  if (!write) return event.reason;
  const params = (event.data.params ?? {}) as Record<string, unknown>;
  const value = (name: keyof Params) => String(params[name] ?? '');
  return write({
    number: value('number'),
    sender: value('sender'),
    address: value('address'),
    agent: value('agent'),
    policy: value('policy'),
  });
}
