/** The contract's types under their own names; the only place that knows how the schema is laid out. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Agent = Schemas['Agent'];
export type AgentCreate = Schemas['AgentCreate'];
export type AgentPatch = Schemas['AgentPatch'];
export type ApiToken = Schemas['ApiToken'];
export type ApiTokenCreated = Schemas['ApiTokenCreated'];
export type Attachment = Schemas['Attachment'];
export type BulkResult = Schemas['BulkResult'];
export type Contact = Schemas['Contact'];
export type DeskEvent = Schemas['Event'];
export type Draft = Schemas['Draft'];
export type DueKind = Schemas['DueKind'];
export type FeedItem = Schemas['FeedItem'];
export type FileStored = Schemas['FileStored'];
export type Inbox = Schemas['Inbox'];
export type IntakeItem = Schemas['IntakeItem'];
export type Message = Schemas['Message'];
export type MessageCreate = Schemas['MessageCreate'];
export type MessageState = Schemas['MessageState'];
export type Preferences = Schemas['Preferences'];
export type Priority = Schemas['Priority'];
export type ProblemBody = Schemas['Problem'];
export type Role = Schemas['Role'];
export type Session = Schemas['Session'];
export type Status = Schemas['Status'];
export type Tag = Schemas['Tag'];
export type Team = Schemas['Team'];
export type Ticket = Schemas['Ticket'];
export type TicketCounts = Schemas['TicketCounts'];
export type TicketPatch = Schemas['TicketPatch'];
export type TicketQuery = Schemas['TicketQuery'];
export type TicketRow = Schemas['TicketRow'];
