/**
 * The HTTP contract in the shape openapi-typescript produces, so that `npm run api` can replace
 * this file from the server's own OpenAPI document without touching its users.
 */

type Json<T> = { content: { 'application/json': T } };
type Failure = { content: { 'application/problem+json': components['schemas']['Problem'] } };
type Query<Q> = { query?: Q; header?: never; path?: never; cookie?: never };
type Path<P, Q = never> = { query?: Q; header?: never; path: P; cookie?: never };
type NoParameters = { query?: never; header?: never; path?: never; cookie?: never };
type Idempotent<P = never> = {
  query?: never;
  header?: { 'Idempotency-Key'?: string };
  path: P;
  cookie?: never;
};
type Body<B> = { content: { 'application/json': B } };

type Read<P, T> = {
  parameters: P;
  requestBody?: never;
  responses: { 200: Json<T>; default: Failure };
};
type Write<P, B, T> = {
  parameters: P;
  requestBody: Body<B>;
  responses: { 200: Json<T>; 201: Json<T>; default: Failure };
};
type Act<P, T> = {
  parameters: P;
  requestBody?: never;
  responses: { 200: Json<T>; 202: Json<T>; default: Failure };
};
type Remove<P> = {
  parameters: P;
  requestBody?: never;
  responses: { 204: { content?: never }; default: Failure };
};
type Store<P, B> = {
  parameters: P;
  requestBody: Body<B>;
  responses: { 204: { content?: never }; default: Failure };
};

type Id = { id: string };
type Schemas = components['schemas'];
type Items<T> = { items: T[] };
type Page<T> = { items: T[]; next_cursor: string | null };

export interface paths {
  '/api/v1/session': {
    parameters: NoParameters;
    get: Read<NoParameters, Schemas['Session']>;
    post: Write<NoParameters, { email: string; password: string }, Schemas['Session']>;
    delete: Remove<NoParameters>;
  };
  '/api/v1/agents': {
    parameters: NoParameters;
    get: Read<NoParameters, Items<Schemas['Agent']>>;
    post: Write<NoParameters, Schemas['AgentCreate'], Schemas['Agent']>;
  };
  '/api/v1/agents/{id}': {
    parameters: Path<Id>;
    patch: Write<Path<Id>, Schemas['AgentPatch'], Schemas['Agent']>;
  };
  '/api/v1/me/preferences': {
    parameters: NoParameters;
    get: Read<NoParameters, Schemas['Preferences']>;
    put: Write<NoParameters, Schemas['Preferences'], Schemas['Preferences']>;
  };
  '/api/v1/teams': { parameters: NoParameters; get: Read<NoParameters, Items<Schemas['Team']>> };
  '/api/v1/inboxes': { parameters: NoParameters; get: Read<NoParameters, Items<Schemas['Inbox']>> };
  '/api/v1/tags': { parameters: NoParameters; get: Read<NoParameters, Items<Schemas['Tag']>> };
  '/api/v1/tokens': {
    parameters: NoParameters;
    get: Read<NoParameters, Items<Schemas['ApiToken']>>;
    post: Write<NoParameters, { name: string }, Schemas['ApiTokenCreated']>;
  };
  '/api/v1/tokens/{id}': { parameters: Path<Id>; delete: Remove<Path<Id>> };
  '/api/v1/tickets': {
    parameters: NoParameters;
    get: Read<Query<Schemas['TicketQuery']>, Page<Schemas['TicketRow']>>;
    post: Write<NoParameters, Schemas['TicketCreate'], Schemas['Ticket']>;
  };
  '/api/v1/tickets/counts': {
    parameters: NoParameters;
    get: Read<Query<Schemas['TicketQuery']>, Schemas['TicketCounts']>;
  };
  '/api/v1/tickets/bulk': {
    parameters: NoParameters;
    post: Write<
      NoParameters,
      { ids: string[]; patch: Schemas['TicketPatch'] },
      Items<Schemas['BulkResult']>
    >;
  };
  '/api/v1/tickets/{id}': {
    parameters: Path<Id>;
    get: Read<Path<Id>, Schemas['Ticket']>;
    patch: Write<Path<Id>, Schemas['TicketPatch'], Schemas['TicketChanged']>;
  };
  '/api/v1/tickets/by-number/{n}': {
    parameters: Path<{ n: number }>;
    get: Read<Path<{ n: number }>, Schemas['Ticket']>;
  };
  '/api/v1/tickets/{id}/messages': {
    parameters: Path<Id>;
    get: Read<
      Path<Id, { limit?: number; before_seq?: number; after_seq?: number }>,
      { items: Schemas['Message'][]; has_more: boolean }
    >;
    post: Write<Idempotent<Id>, Schemas['MessageCreate'], Schemas['Message']>;
  };
  '/api/v1/messages/{id}': { parameters: Path<Id>; delete: Act<Path<Id>, Schemas['Message']> };
  '/api/v1/messages/{id}/retry': { parameters: Path<Id>; post: Act<Path<Id>, Schemas['Message']> };
  '/api/v1/tickets/{id}/read': { parameters: Path<Id>; put: Store<Path<Id>, { seq: number }> };
  '/api/v1/tickets/{id}/draft': {
    parameters: Path<Id>;
    get: Read<Path<Id>, Schemas['Draft']>;
    put: Write<Path<Id>, Schemas['DraftWrite'], Schemas['Draft']>;
    delete: Remove<Path<Id>>;
  };
  '/api/v1/tickets/{id}/events': {
    parameters: Path<Id>;
    get: Read<Path<Id, { cursor?: string }>, Page<Schemas['Event']>>;
  };
  '/api/v1/contacts': {
    parameters: NoParameters;
    get: Read<Query<{ q?: string; limit?: number; cursor?: string }>, Page<Schemas['Contact']>>;
  };
  '/api/v1/contacts/{id}': {
    parameters: Path<Id>;
    get: Read<Path<Id>, Schemas['Contact']>;
    patch: Write<Path<Id>, Schemas['ContactPatch'], Schemas['Contact']>;
  };
  '/api/v1/intake': {
    parameters: NoParameters;
    get: Read<Query<{ state?: string }>, Items<Schemas['IntakeItem']>>;
  };
  '/api/v1/intake/{id}/replay': {
    parameters: Path<Id>;
    post: Act<Path<Id>, Schemas['IntakeItem']>;
  };
}

export interface components {
  schemas: {
    Problem: {
      type: string;
      title: string;
      status: number;
      detail: string;
      code: string;
      errors?: { field: string; message: string }[];
      current?: unknown;
      newer?: Schemas['Message'][];
      retry_after?: number;
      request_id?: string;
    };
    Role: 'agent' | 'lead' | 'editor' | 'admin';
    Status: 'new' | 'open' | 'pending' | 'on_hold' | 'resolved' | 'closed';
    Priority: 'low' | 'normal' | 'high' | 'urgent';
    DueKind: 'first_response' | 'next_response' | 'update' | 'resolution';
    Session: {
      agent: Schemas['Agent'];
      csrf_token: string;
      permissions: string[];
      expires_at: string;
      desk: { name: string; version: string; demo: boolean; locales: string[] };
    };
    Agent: {
      id: string;
      name: string;
      email: string;
      role: Schemas['Role'];
      locale: string;
      timezone: string;
      active: boolean;
      online: boolean;
      team_ids: string[];
    };
    AgentCreate: { name: string; email: string; role: Schemas['Role']; password: string };
    AgentPatch: {
      name?: string;
      locale?: string;
      timezone?: string;
      role?: Schemas['Role'];
      active?: boolean;
    };
    Preferences: {
      theme?: 'system' | 'light' | 'dark';
      shortcuts_off?: boolean;
      [key: string]: unknown;
    };
    Team: { id: string; name: string; agent_ids: string[] };
    Capabilities: {
      subject: boolean;
      html: boolean;
      cc: boolean;
      attachments: boolean;
      max_attachment_bytes: number;
      max_text_chars: number;
      typing: boolean;
      read_receipts: boolean;
      live: boolean;
      undo_seconds: number;
      reply_window_seconds: number | null;
    };
    Inbox: {
      id: string;
      name: string;
      channel: string;
      address: string;
      active: boolean;
      locale: string | null;
      capabilities: Schemas['Capabilities'];
    };
    Tag: { name: string; count: number };
    ApiToken: { id: string; name: string; created_at: string; last_used_at: string | null };
    ApiTokenCreated: Schemas['ApiToken'] & { token: string };
    TicketQuery: {
      limit?: number;
      cursor?: string;
      status?: string;
      assignee?: string;
      team?: string;
      inbox?: string;
      channel?: string;
      contact?: string;
      priority?: string;
      tag?: string[];
      not_tag?: string[];
      locale?: string;
      unread?: boolean;
      mentions?: boolean;
      snoozed?: boolean;
      q?: string;
      sort?: string;
    };
    TicketCounts: {
      all_open: number;
      mine: number;
      unassigned: number;
      mentions: number;
      unread: number;
    };
    TicketRow: {
      id: string;
      number: number;
      subject: string;
      status: Schemas['Status'];
      priority: Schemas['Priority'];
      channel: string;
      inbox_id: string;
      contact: { id: string; name: string };
      assignee_id: string | null;
      team_id: string | null;
      locale: string | null;
      tags: string[];
      version: number;
      last_seq: number;
      last_message: { at: string; preview: string; kind: string; author_name: string } | null;
      waiting_since: string | null;
      next_due_at: string | null;
      next_due_kind: Schemas['DueKind'] | null;
      snoozed_until: string | null;
      unread: boolean;
      created_at: string;
      updated_at: string;
    };
    Ticket: Omit<Schemas['TicketRow'], 'contact'> & {
      contact: Schemas['Contact'];
      read_seq: number;
      followers: string[];
      links: { kind: string; ticket_id: string; number: number; subject: string }[];
      draft: Schemas['Draft'] | null;
    };
    TicketChanged: Schemas['Ticket'] & { undo?: Schemas['TicketPatch'] | null };
    TicketPatch: {
      status?: Schemas['Status'];
      priority?: Schemas['Priority'];
      assignee_id?: string | null;
      team_id?: string | null;
      subject?: string;
      snoozed_until?: string | null;
      tags?: string[];
      add_tags?: string[];
      remove_tags?: string[];
      version?: number;
      reason?: string;
    };
    TicketCreate: {
      inbox_id: string;
      subject: string;
      contact_id?: string;
      contact?: { name: string; email?: string; phone?: string };
      text: string;
      assignee_id?: string | null;
    };
    BulkResult: { id: string; ok: boolean; error?: string; undo?: Schemas['TicketPatch'] };
    Attachment: {
      id: string;
      filename: string;
      content_type: string;
      size: number;
      url: string;
      inline: boolean;
      content_id: string | null;
    };
    FileStored: { id: string; filename: string; content_type: string; size: number; url: string };
    MessageState:
      | 'received'
      | 'queued'
      | 'sending'
      | 'sent'
      | 'delivered'
      | 'read'
      | 'failed'
      | 'dead'
      | 'canceled';
    Message: {
      id: string;
      ticket_id: string;
      seq: number;
      kind: 'inbound' | 'reply' | 'note' | 'system';
      author: { kind: 'contact' | 'agent' | 'bot' | 'system'; id: string | null; name: string };
      channel: string;
      subject: string | null;
      text: string;
      fresh: string;
      quoted: string | null;
      html: string | null;
      attachments: Schemas['Attachment'][];
      state: Schemas['MessageState'];
      state_reason: string | null;
      hold_until: string | null;
      retry_at: string | null;
      automated: string | null;
      envelope: { from: string; to: string[]; cc: string[] } | null;
      client_id: string | null;
      created_at: string;
      sent_at: string | null;
      delivered_at: string | null;
      read_at: string | null;
    };
    MessageCreate: {
      kind: 'reply' | 'note';
      text: string;
      html?: string;
      client_id: string;
      last_seen_seq: number;
      attachment_ids: string[];
      mentions: string[];
      cc?: string[];
      undo_seconds?: number;
      status?: Schemas['Status'];
    };
    Draft: {
      kind: 'reply' | 'note';
      text: string;
      updated_at: string;
      last_seen_seq: number | null;
    };
    DraftWrite: { kind: 'reply' | 'note'; text: string; last_seen_seq?: number };
    Event: {
      id: string;
      seq: number;
      kind: string;
      ticket_id: string;
      actor: {
        kind: 'agent' | 'contact' | 'bot' | 'system' | 'rule';
        id: string | null;
        name: string;
      };
      reason: string;
      changes: Record<string, unknown[]>;
      data: Record<string, unknown>;
      at: string;
    };
    FeedItem: Schemas['Event'] & {
      row: Schemas['TicketRow'] | null;
      message: Schemas['Message'] | null;
    };
    Identity: {
      id: string;
      kind: string;
      value: string;
      verified_at: string | null;
      evidence: string | null;
    };
    Contact: {
      id: string;
      name: string;
      locale: string | null;
      timezone: string | null;
      company: string | null;
      notes: string | null;
      fields: Record<string, string>;
      identities: Schemas['Identity'][];
      created_at: string;
      tickets: Schemas['TicketRow'][];
    };
    ContactPatch: {
      name?: string;
      locale?: string | null;
      timezone?: string | null;
      company?: string | null;
      notes?: string | null;
      fields?: Record<string, string>;
    };
    IntakeItem: {
      id: string;
      inbox_id: string;
      external_id: string;
      state: string;
      error: string | null;
      attempts: number;
      received_at: string;
      size: number;
    };
  };
}
