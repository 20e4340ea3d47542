/** What the desk sends to the widget: the `/widget` namespace and the widget's HTTP routes. */

export type Author = { kind: 'visitor' | 'agent' | 'bot' | 'system'; name: string };

export type Attachment = {
  id: string;
  filename: string;
  content_type: string;
  /** Bytes. */
  size: number;
  url: string;
};

export type MessageState = 'sent' | 'delivered' | 'read';

export type WidgetMessage = {
  id: string;
  conversation_id: string;
  seq: number;
  author: Author;
  text: string;
  attachments: Attachment[];
  client_id: string | null;
  created_at: string;
  state: MessageState;
  /** Where an automated answer comes from. */
  sources?: { title: string; detail?: string; url: string }[];
  quick_replies?: string[];
};

export type Conversation = {
  id: string;
  number: number;
  subject: string;
  status: 'new' | 'open' | 'pending' | 'on_hold' | 'resolved' | 'closed';
  last_seq: number;
  read_seq: number;
  last_message: WidgetMessage | null;
  agent: { name: string } | null;
  unread: number;
  created_at: string;
  rating?: number | null;
};

export type HoursNow = {
  open: boolean;
  opens_at: string | null;
  closes_at: string | null;
  timezone: string;
};

/** Weekday, 0 for Monday, to its windows as `HH:MM` in the desk's zone; empty for always open. */
export type Week = Record<string, [string, string][]>;

export type WeekHours = { timezone: string; week: Week };

export type FieldOption = { value: string; label: string };

export type FormField = {
  name: string;
  label: string;
  type: 'text' | 'email' | 'tel' | 'select' | 'textarea' | 'checkbox';
  required: boolean;
  hint?: string | null;
  options?: (string | FieldOption)[];
};

export type Config = {
  inbox: string;
  name: string;
  locale: string;
  locales: string[];
  /** The exact origins of the pages that may embed this inbox. */
  origins: string[];
  theme: { accent: string | null; position?: 'start' | 'end' | null; logo?: string | null };
  hours: WeekHours | null;
  pre_chat: { fields: FormField[] };
  email_fallback: string | null;
  /** Who answers first; also switched on without a name by `features.bot`. */
  bot?: { name: string } | null;
  privacy_url?: string | null;
  max_upload_bytes?: number;
  features: {
    uploads: boolean;
    csat: boolean;
    transcript: boolean;
    search: boolean;
    bot?: boolean;
  };
};

export type Visitor = { name: string | null; email: string | null; verified: boolean };

export type Hello = {
  token: string;
  visitor: Visitor;
  conversations: Conversation[];
  server_time: string;
  agents_online: boolean;
  hours: HoursNow | null;
  /** The usual wait for a first answer, in minutes. */
  reply_minutes?: number | null;
};

export type FormValues = {
  name?: string;
  email?: string;
  topic?: string;
  fields?: Record<string, string | boolean>;
};

export type Page = { url: string; title: string; referrer: string };

export type Article = { id: string; title: string; excerpt: string; url: string };

export type AckError = { code: string; detail: string; retry_after?: number };

export type Ack<T> = T | { error: AckError };

export type Sent = { message: WidgetMessage; conversation: Conversation };
