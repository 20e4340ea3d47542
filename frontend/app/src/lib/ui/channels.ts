/** Names of channels in the interface's language. */
import { m } from '$lib/words/app';

const NAMES: Record<string, () => string> = {
  email: m.channel_email,
  webchat: m.channel_webchat,
  sms: m.channel_sms,
  whatsapp: m.channel_whatsapp,
  instagram: m.channel_instagram,
  messenger: m.channel_messenger,
  line: m.channel_line,
  open: m.channel_open,
  telegram: m.channel_telegram,
  phone: m.channel_phone,
  voice: m.channel_phone,
  external: m.channel_account,
};

export function channelName(channel: string): string {
  return NAMES[channel]?.() ?? channel;
}
