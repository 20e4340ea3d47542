// The desk behind the widget in memory: visitors by token, conversations, and what the scripts ask.
import { randomUUID } from 'node:crypto';

const WEEK = Object.fromEntries([0, 1, 2, 3, 4].map((day) => [day, [['09:00', '18:00']]]));

export class Desk {
  config = {
    inbox: 'demo',
    name: 'Fjell & Sand',
    locale: 'en',
    locales: ['en', 'he'],
    origins: [],
    theme: { accent: null, position: 'end', logo: null },
    hours: { timezone: 'Europe/Oslo', week: { ...WEEK, 5: [['10:00', '14:00']] } },
    pre_chat: {
      fields: [
        { name: 'name', label: '', type: 'text', required: false },
        { name: 'email', label: '', type: 'email', required: true },
        {
          name: 'topic',
          label: '',
          type: 'select',
          required: true,
          options: ['An order or a delivery', 'A repair', 'Something else'],
        },
        {
          name: 'order',
          label: 'Order number',
          type: 'text',
          required: false,
          hint: 'on your receipt',
        },
      ],
    },
    email_fallback: 'help@fjellsand.example',
    bot: null,
    privacy_url: '/privacy',
    max_upload_bytes: 10_000_000,
    features: { uploads: true, csat: true, transcript: true, search: true },
  };
  hours = { open: true, opens_at: null, closes_at: null, timezone: 'Europe/Oslo' };
  visitor = { name: null, email: null, verified: false };
  replyMinutes = 4;
  slowUpload = 0;
  refuseNext = [];
  refuseConnect = null;
  silent = false;
  seq = 0;
  conversations = new Map();
  byClient = new Map();
  files = new Map();
  log = [];

  attach(namespace) {
    this.io = namespace;
    namespace.use((socket, next) => {
      if (this.refuseConnect)
        return next(Object.assign(new Error('refused'), { data: { code: this.refuseConnect } }));
      next();
    });
    namespace.on('connection', (socket) => this.#connected(socket));
  }

  articles(query) {
    const all = [
      'Measure your back length',
      'Adjust the frame of a Tarn pack',
      'What the repair promise covers',
      'Return a tent or sleeping bag',
    ].map((title, at) => ({
      id: String(at),
      title,
      excerpt: `${title}, step by step and with a picture of each one.`,
      url: `/help/${at}`,
    }));
    if (query === '') return all.slice(0, 3);
    return all.filter((item) => item.title.toLowerCase().includes(query.toLowerCase()));
  }

  #connected(socket) {
    const token = randomUUID();
    this.log.push({ event: 'connect', auth: socket.handshake.auth });
    socket.emit('hello', {
      token,
      visitor: this.visitor,
      conversations: this.#list(),
      server_time: new Date().toISOString(),
      agents_online: true,
      hours: this.hours,
      reply_minutes: this.replyMinutes,
    });
    const answer = (name, handle) =>
      socket.on(name, (payload, ack) => {
        this.log.push({ event: name, payload });
        if (this.silent) return;
        const result = handle(payload) ?? {};
        ack?.(result);
      });
    answer('send', (payload) => this.#send(payload));
    answer('resume', ({ conversation_id: id, last_seq: seq }) => ({
      messages: this.#messages(id).filter((message) => message.seq > seq),
      conversation: this.#view(id),
    }));
    answer('history', ({ conversation_id: id, before_seq: before, limit }) => {
      const all = this.#messages(id).filter((message) => message.seq < (before ?? Infinity));
      return { messages: all.slice(-limit), has_more: all.length > limit };
    });
    answer('conversations', () => ({ conversations: this.#list() }));
    answer('read', ({ conversation_id: id, seq }) => {
      this.conversations.get(id).read_seq = seq;
      this.io.emit('conversation', this.#view(id));
    });
    answer('end', ({ conversation_id: id }) => this.drive('status', { id, status: 'resolved' }));
    for (const name of ['received', 'typing', 'page', 'rate', 'transcript', 'profile'])
      answer(name, () => ({}));
  }

  #send(payload) {
    const refusal = this.refuseNext.shift();
    if (refusal) return { error: refusal };
    const before = this.byClient.get(payload.client_id);
    if (before) return { message: before, conversation: this.#view(before.conversation_id) };
    let id = payload.conversation_id;
    if (id === null) id = this.#open(payload.text.slice(0, 60));
    else if (this.conversations.get(id).status === 'resolved')
      this.conversations.get(id).status = 'open';
    const message = this.#add(id, { kind: 'visitor', name: 'Mara' }, payload.text, {
      client_id: payload.client_id,
      attachments: payload.attachment_ids.map((file) => ({
        id: file,
        filename: 'file',
        content_type: this.files.get(file)?.type ?? 'text/plain',
        size: this.files.get(file)?.content.length ?? 0,
        url: `/api/widget/v1/files/${file}`,
      })),
    });
    this.byClient.set(payload.client_id, message);
    this.io.emit('message', { message, conversation: this.#view(id) });
    return { message, conversation: this.#view(id) };
  }

  #open(subject, more = {}) {
    const id = randomUUID();
    this.conversations.set(id, {
      id,
      number: this.conversations.size + 1,
      subject,
      status: 'open',
      read_seq: 0,
      agent: null,
      rating: null,
      created_at: new Date().toISOString(),
      messages: [],
      ...more,
    });
    return id;
  }

  #add(id, author, text, more = {}) {
    const conversation = this.conversations.get(id);
    const message = {
      id: randomUUID(),
      conversation_id: id,
      seq: (this.seq += 1),
      author,
      text,
      attachments: [],
      client_id: null,
      created_at: new Date().toISOString(),
      state: 'sent',
      ...more,
    };
    conversation.messages.push(message);
    if (author.kind === 'agent') conversation.agent = { name: author.name };
    return message;
  }

  #messages(id) {
    return this.conversations.get(id)?.messages ?? [];
  }

  #view(id) {
    const { messages, ...rest } = this.conversations.get(id);
    const unread = messages.filter(
      (message) => message.author.kind !== 'visitor' && message.seq > rest.read_seq,
    ).length;
    const last = messages.at(-1) ?? null;
    return { ...rest, last_message: last, last_seq: last?.seq ?? 0, unread };
  }

  #list() {
    return [...this.conversations.keys()].map((id) => this.#view(id));
  }

  /** What a script asks for. */
  drive(command, body) {
    const id = body.id ?? [...this.conversations.keys()].at(-1);
    switch (command) {
      case 'set':
        Object.assign(this, body);
        return;
      case 'config':
        Object.assign(this.config, body);
        return;
      case 'open':
        return { id: this.#open(body.subject ?? '', body) };
      case 'say': {
        const { author, text, quiet, ...more } = body;
        delete more.id;
        const message = this.#add(id, author, text, more);
        if (!quiet) this.io.emit('message', { message, conversation: this.#view(id) });
        return message;
      }
      case 'typing':
        this.io.emit('typing', { conversation_id: id, on: body.on ?? true, name: body.name });
        return;
      case 'receipt':
        this.io.emit('receipt', { conversation_id: id, seq: this.seq, state: body.state });
        return;
      case 'status':
        this.conversations.get(id).status = body.status;
        this.io.emit('conversation', this.#view(id));
        return { conversation: this.#view(id) };
      case 'cut':
        this.refuseConnect = body.stay ? 'internal' : null;
        this.io.disconnectSockets(true);
        return;
      case 'state':
        return { conversations: [...this.conversations.values()], log: this.log };
    }
  }
}
