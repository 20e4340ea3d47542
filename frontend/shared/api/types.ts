/** The contract's types under their own names; the only place that knows how the schema is laid out. */
import type { components, paths } from './schema';

type Schemas = components['schemas'];

export type Acceptance = Schemas['Acceptance'];
export type Agent = Schemas['AgentOut'];
export type ApiToken = Schemas['TokenOut'];
export type Attachment = Schemas['FileView'];
export type BulkResult = Schemas['BulkResult'];
export type Channel = Schemas['ChannelOut'];
export type ChannelField = Schemas['FieldOut'];
export type CheckLine = Schemas['CheckOut'];
export type Composing = Schemas['ComposerOut'];
export type Contact = Schemas['ContactView'];
export type DeskEvent = Schemas['EventView'];
export type Draft = Schemas['DraftOut'];
export type FileStored = Schemas['FileView'];
export type Inbox = Schemas['InboxOut'];
export type IntakeDetail = Schemas['RawDetail'];
export type IntakeItem = Schemas['RawOut'];
export type Message = Schemas['MessageView'];
export type MessageCreate = Schemas['NewMessage'];
export type MessageState = Message['state'];
export type NewOwner = Schemas['NewOwner'];
export type Progress = Schemas['ProgressOut'];
export type Role = Agent['role'];
export type Segments = Schemas['SegmentsOut'];
export type Session = Schemas['SessionOut'];
export type Tag = Schemas['TagCount'];
export type Team = Schemas['TeamOut'];
export type Template = Schemas['TemplateIn'];
export type TemplateOffer = Schemas['TemplateOut'];
export type Ticket = Schemas['TicketOut'];
export type TicketCounts = Schemas['Counts'];
export type TicketPatch = Schemas['TicketChange'];
export type TicketQuery = NonNullable<paths['/api/v1/tickets']['get']['parameters']['query']>;
export type Undelivered = Schemas['FailedOut'];
export type TicketRow = Schemas['TicketRow'];

export type DueKind = 'first_response' | 'next_response' | 'update' | 'resolution' | 'team';
export type Priority = NonNullable<TicketPatch['priority']>;
export type Status = NonNullable<TicketPatch['status']>;

/** What the live feed carries: an event, with the row and the message it left behind. */
export type FeedItem = DeskEvent & { row: TicketRow | null; message: Message | null };

/** Free-form settings of one person. */
export type Preferences = {
  theme?: 'system' | 'light' | 'dark';
  shortcuts_off?: boolean;
  why_folded?: boolean;
  keymap?: Record<string, string | null>;
  [key: string]: unknown;
};

/** RFC 9457 problem details, as the server writes them. */
export type ProblemBody = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: { field: string; message: string }[];
  current?: unknown;
  newer?: Message[];
  refusals?: { field: string; code: string; text: string }[];
  retry_after?: number;
  request_id?: string;
};

export type Article = Schemas['ArticleOut'];
export type ArticleCounts = Schemas['ArticleCounts'];
export type ArticleChange = Schemas['ArticleChange'];
export type ArticleComment = Schemas['CommentOut'];
export type ArticleFile = Schemas['FileOut'];
export type ArticleLink = Schemas['LinkOut'];
export type ArticleLocale = Schemas['LocaleOut'];
export type ArticleQuery = NonNullable<paths['/api/v1/articles']['get']['parameters']['query']>;
export type ArticleReport = Schemas['ArticleReport'];
export type ArticleRow = Schemas['ArticleRow'];
export type ArticleText = Schemas['TextOut'];
export type ArticleVersion = Schemas['VersionRow'];
export type Audience = Article['audience'];
export type Category = Schemas['CategoryOut'];
export type FoundArticle = Schemas['FoundOut'];
export type HelpCenter = Schemas['HelpCenterOut'];
export type KnowledgeTask = Schemas['TaskOut'];
export type ArticleImport = Schemas['ImportOut'];
export type ArticleImportRow = Schemas['ImportRow'];
export type SearchCount = Schemas['QueryOut'];
export type TextPiece = Schemas['PieceOut'];
export type TextState = ArticleLocale['state'];
export type TranslationRow = Schemas['RowOut'];
