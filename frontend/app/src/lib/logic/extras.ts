/** What only some channels have on a message, read from its free-form `extra`. */
import type { Message } from '$shared/api/types';

export type MessageExtras = {
  reactions: { emoji: string; names: string }[];
  before: string;
  choices: string[];
  pressed: boolean;
  tag: string;
  template: string;
  automatic: boolean;
  elsewhere: boolean;
  answers: number | null;
};

type Loose = Record<string, unknown>;

const listOf = (value: unknown): Loose[] => (Array.isArray(value) ? (value as Loose[]) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Null for the many messages that have nothing of it. */
export function extrasOf(message: Message): MessageExtras | null {
  const extra = message.extra as Loose;
  const marked = message.edited_at ?? message.removed_at;
  if (Object.keys(extra).length === 0 && !marked && !message.late) return null;
  const reactions = new Map<string, string[]>();
  for (const one of listOf(extra.reactions)) {
    const emoji = textOf(one.emoji);
    reactions.set(emoji, [...(reactions.get(emoji) ?? []), textOf(one.name)]);
  }
  const { reply_to_seq: answers } = extra;
  return {
    reactions: [...reactions].map(([emoji, names]) => ({ emoji, names: names.join(', ') })),
    before: textOf(listOf(extra.versions).at(-1)?.text),
    choices: listOf(extra.buttons).map((one) => textOf(one.title)),
    pressed: textOf(extra.payload) !== '' && message.kind === 'inbound',
    tag: textOf(extra.tag),
    template: textOf((extra.template as Loose | undefined)?.name),
    automatic: Boolean(extra.automatic),
    elsewhere: extra.elsewhere === true,
    answers: typeof answers === 'number' ? answers : null,
  };
}

/** Which check a mail's sender failed; "" when it may be believed or was not checked. */
export function failedCheck(auth: Record<string, string> | undefined): string {
  if (auth?.dmarc === 'fail') return 'DMARC';
  if (auth?.dmarc) return '';
  const failed = (['spf', 'dkim'] as const).filter((one) => auth?.[one] === 'fail');
  const passed = auth?.spf === 'pass' || auth?.dkim === 'pass';
  return passed ? '' : failed.map((one) => one.toUpperCase()).join(', ');
}
