// A small desk to look at while developing: people, inboxes and conversations in many languages.
const NOW = Date.now();
const at = (minutes) => new Date(NOW + minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
const id = (kind, n) => `01930000-0000-7000-8000-${kind}${String(n).padStart(10, '0')}`;

const people = [
  ['Marta Lindqvist', 'admin'],
  ['Tomás Ferreira', 'agent'],
  ['Noa Ben-Ami', 'lead'],
  ['Eszter Kovács', 'agent'],
  ['Tan Wei Lin', 'agent'],
  ['Jonas Halvorsen', 'agent'],
];
export const agents = people.map(([name, role], n) => ({
  id: id('aa', n),
  name,
  email: `${name
    .split(' ')[0]
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z]/g, '')}@fjellogsand.example`,
  role,
  locale: 'en',
  timezone: 'Europe/Oslo',
  active: true,
  online: n < 4,
  team_ids: [id('bb', n % 2)],
}));
export const teams = ['Nordics', 'Southern Europe'].map((name, n) => ({
  id: id('bb', n),
  name,
  agent_ids: agents.filter((a) => a.team_ids.includes(id('bb', n))).map((a) => a.id),
}));

const capabilities = (over) => ({
  subject: false,
  html: false,
  cc: false,
  attachments: true,
  max_attachment_bytes: 10_000_000,
  max_text_chars: 4000,
  typing: false,
  read_receipts: false,
  live: false,
  undo_seconds: 10,
  reply_window_seconds: null,
  ...over,
});
const channels = {
  email: [
    'Support',
    'help@fjellogsand.example',
    capabilities({ subject: true, html: true, cc: true, max_text_chars: 100_000 }),
  ],
  webchat: [
    'Shop chat',
    'fjellogsand.example',
    capabilities({ typing: true, live: true, read_receipts: true }),
  ],
  whatsapp: [
    'WhatsApp',
    '+47 412 00 100',
    capabilities({ reply_window_seconds: 86_400, read_receipts: true }),
  ],
  sms: ['SMS', '+47 594 46 300', capabilities({ attachments: false, max_text_chars: 1600 })],
  instagram: ['Instagram', '@fjellogsand', capabilities({})],
};
export const inboxes = Object.entries(channels).map(([channel, [name, address, caps]], n) => ({
  id: id('cc', n),
  name,
  channel,
  address,
  active: channel !== 'instagram',
  locale: null,
  capabilities: caps,
}));

// name, channel, subject, last line, tag, due in minutes (null: none), kind, waited, assignee, unread, status
const rows = [
  [
    'Réka Szabó',
    'email',
    'Hol tart a visszatérítésem?',
    'Már két hete várok a pénzemre, kérem nézzék meg',
    'Refund',
    -8,
    'first_response',
    130,
    3,
    true,
    'open',
  ],
  [
    'אבי מזרחי',
    'whatsapp',
    'הזמנה FS-20391 לא הגיעה',
    'כתוב שנמסר אבל לא קיבלתי שום חבילה',
    'Delivery',
    3,
    'first_response',
    57,
    null,
    true,
    'new',
  ],
  [
    'Ingrid Solbakken',
    'whatsapp',
    'Glidelåsen røk på Storm-jakka',
    'Great! Size M, black if you have it.',
    'Warranty',
    12,
    'next_response',
    48,
    0,
    false,
    'open',
  ],
  [
    '林雨桐',
    'webchat',
    '尺码偏小，可以换大一号吗？',
    '鞋子还没穿过，吊牌都在',
    'Exchange',
    18,
    'first_response',
    62,
    4,
    true,
    'open',
  ],
  [
    'Dana Whitfield',
    'sms',
    'Pickup code for the Harbour store',
    'What is my pickup code?',
    null,
    34,
    'next_response',
    20,
    0,
    false,
    'open',
  ],
  [
    'Camille Roche',
    'instagram',
    'Réponse à la story : sandales Dune',
    'Vous les aurez bientôt en 38 ?',
    null,
    41,
    'first_response',
    19,
    null,
    true,
    'new',
  ],
  [
    'Lars Myhre',
    'email',
    'Faktura mangler mva-nummer',
    'Vi trenger ny faktura før fredag, gjerne som PDF',
    'Invoice',
    55,
    'next_response',
    25,
    5,
    false,
    'open',
  ],
  [
    'نادية حداد',
    'whatsapp',
    'تغيير عنوان التوصيل',
    'هل يمكن إرسال الطلب إلى عنوان العمل؟',
    null,
    80,
    'first_response',
    40,
    1,
    false,
    'open',
  ],
  [
    'Oskar Brandt',
    'webchat',
    'Gestänge am Zelt Vidda 2 gebrochen',
    'Noa: Das Ersatzteil ist heute raus, Sendung folgt',
    'Spare part',
    120,
    'update',
    null,
    2,
    false,
    'open',
  ],
  [
    'Miguel Santos',
    'email',
    'Cambio de talla, botas Kvalvik',
    'Perfecto, las dejo mañana en el punto de recogida',
    'Exchange',
    190,
    'resolution',
    null,
    1,
    false,
    'open',
  ],
  [
    'Anjali Menon',
    'email',
    'Tent footprint for Vidda 3',
    'Could you send a photo of the torn corner?',
    null,
    null,
    null,
    null,
    0,
    false,
    'pending',
  ],
  [
    '佐藤 美咲',
    'instagram',
    '日本への配送について',
    '東京まで何日くらいかかりますか',
    'Shipping',
    360,
    'resolution',
    null,
    4,
    false,
    'open',
  ],
  [
    'Tóth Bence',
    'sms',
    'Csomag átvétele',
    'Köszönöm, megjött!',
    null,
    1440,
    'resolution',
    null,
    3,
    false,
    'open',
  ],
  [
    'Trailhead Collective',
    'email',
    'Wholesale order, 40 tents for spring',
    'Waiting for stock',
    'B2B',
    null,
    null,
    null,
    5,
    false,
    'on_hold',
  ],
];
const extra = Number(process.env.MOCK_EXTRA ?? 34);
for (let n = 0; n < extra; n += 1) {
  const [name, channel] = rows[n % 14];
  rows.push([
    name,
    channel,
    `Order FS-${18000 + n} question`,
    'Could you tell me when it ships?',
    n % 3 ? null : 'Shipping',
    null,
    null,
    30 + n * 11,
    n % 4 ? n % 6 : null,
    false,
    'open',
  ]);
}

const locales = [
  'hu',
  'he',
  'nb',
  'zh',
  'en',
  'fr',
  'nb',
  'ar',
  'de',
  'es',
  'en',
  'ja',
  'hu',
  'en',
];

export const contacts = rows.map(([name], n) => ({
  id: id('dd', n),
  name,
  locale: locales[n % 14],
  timezone: n === 2 ? 'Europe/Oslo' : (['Europe/Budapest', 'Asia/Jerusalem'][n] ?? null),
  company: n === 13 ? 'Trailhead Collective AS' : null,
  notes: n === 2 ? 'Member since 2021, 9 orders' : null,
  fields:
    n === 2
      ? {
          Order: 'FS-18804',
          Product: 'Storm shell, black, M',
          Bought: '12 Apr 2026, web shop',
          Warranty: 'Until 12 Apr 2028',
        }
      : {},
  identities:
    n === 2
      ? [
          {
            id: id('de', 1),
            kind: 'whatsapp',
            value: '+47 412 55 118',
            verified_at: at(-900),
            evidence: 'provider',
          },
          {
            id: id('de', 2),
            kind: 'email',
            value: 'ingrid@solbakken.example',
            verified_at: at(-9000),
            evidence: 'dkim',
          },
          {
            id: id('de', 3),
            kind: 'external',
            value: 'Account 77120',
            verified_at: at(-40),
            evidence: 'jwt',
          },
          {
            id: id('de', 4),
            kind: 'instagram',
            value: '@ingrid.ute',
            verified_at: null,
            evidence: null,
          },
        ]
      : [
          {
            id: id('de', 100 + n),
            kind: 'email',
            value: `customer${n}@mail.example`,
            verified_at: null,
            evidence: null,
          },
        ],
  created_at: at(-400_000),
  tickets: [],
}));

export const tickets = rows.map(
  ([name, channel, subject, preview, tag, due, kind, waited, assignee, unread, status], n) => ({
    id: id('ee', n),
    number: n === 2 ? 4821 : 4800 - n,
    subject,
    status,
    priority: n === 2 ? 'high' : n === 0 ? 'urgent' : 'normal',
    channel,
    inbox_id: inboxes.find((i) => i.channel === channel).id,
    contact: { id: contacts[n].id, name },
    assignee_id: assignee === null ? null : agents[assignee].id,
    team_id: n === 2 ? teams[0].id : null,
    locale: contacts[n].locale,
    tags: tag ? [tag] : [],
    version: 1,
    last_seq: 1,
    last_message: { at: at(-(waited ?? 60)), preview, kind: 'inbound', author_name: name },
    waiting_since: waited === null ? null : at(-waited),
    next_due_at: due === null ? null : at(due),
    next_due_kind: kind,
    snoozed_until: null,
    unread,
    created_at: at(-(waited ?? 60) - 30 - n),
    updated_at: at(-5),
    read_seq: unread ? 0 : 1,
  }),
);
tickets[2].created_at = at(-4000);

let messageNumber = 0;
export function message(ticket, over) {
  messageNumber += 1;
  const text = over.text ?? '';
  return {
    id: id('ff', messageNumber),
    ticket_id: ticket.id,
    kind: 'inbound',
    author: { kind: 'contact', id: ticket.contact.id, name: ticket.contact.name },
    channel: ticket.channel,
    subject: null,
    text,
    fresh: text,
    quoted: null,
    html: null,
    attachments: [],
    state: 'received',
    state_reason: null,
    hold_until: null,
    retry_at: null,
    automated: null,
    envelope: null,
    client_id: null,
    created_at: at(0),
    sent_at: null,
    delivered_at: null,
    read_at: null,
    ...over,
  };
}

const picture = (n, label) => ({
  id: id('f0', n),
  filename: label,
  content_type: 'image/png',
  size: 182_000 + n,
  url: `/api/v1/files/${id('f0', n)}`,
  inline: false,
  content_id: null,
});
const me = { kind: 'agent', id: agents[0].id, name: agents[0].name };
const ingrid = tickets[2];
const html = `<p>Hei! Glidelåsen på Storm-jakka røk i dag, midt på fjellet. Kjøpt i april, ordre <b>FS-18804</b>. Hva gjør jeg nå?</p><p><img data-src="/pixel.png" alt=""></p>`;
const quote = Array.from({ length: 11 }, (_, n) =>
  n ? `> Line ${n} of the shipping confirmation` : '> Your order FS-18804 has shipped',
).join('\n');

export const messages = new Map(
  tickets.map((ticket, n) => [
    ticket.id,
    [message(ticket, { seq: 1, text: rows[n][3], created_at: ticket.last_message.at })],
  ]),
);
messages.set(ingrid.id, [
  message(ingrid, {
    seq: 1,
    channel: 'email',
    text: `Hei! Glidelåsen på Storm-jakka røk i dag, midt på fjellet. Kjøpt i april, ordre FS-18804. Hva gjør jeg nå?\n\n${quote}`,
    fresh:
      'Hei! Glidelåsen på Storm-jakka røk i dag, midt på fjellet. Kjøpt i april, ordre FS-18804. Hva gjør jeg nå?',
    quoted: quote,
    html,
    envelope: { from: 'ingrid@solbakken.example', to: ['help@fjellogsand.example'], cc: [] },
    created_at: at(-3900),
  }),
  message(ingrid, {
    seq: 2,
    kind: 'reply',
    channel: 'sms',
    author: { kind: 'bot', id: null, name: 'Automatic reply' },
    automated: 'auto-reply',
    text: 'Takk! Vi svarer før klokka 09:30.',
    state: 'dead',
    state_reason: 'the carrier blocks this sender',
    created_at: at(-3899),
  }),
  message(ingrid, {
    seq: 3,
    text: 'Ti dager er for lenge. Jeg skal på tur mandag. Kan jeg få en ny i butikken i stedet?',
    attachments: [
      picture(1, 'zip.png'),
      picture(2, 'label.png'),
      { ...picture(3, 'receipt.pdf'), content_type: 'application/pdf' },
    ],
    created_at: at(-62),
  }),
  message(ingrid, {
    seq: 4,
    kind: 'reply',
    author: me,
    text: 'Hei Ingrid, det forstår jeg godt. Jeg sjekker lageret i Tromsø nå.',
    state: 'read',
    created_at: at(-56),
    sent_at: at(-56),
    delivered_at: at(-56),
    read_at: at(-53),
  }),
  message(ingrid, {
    seq: 5,
    kind: 'note',
    author: me,
    text: '@Tomás Ferreira can you hold one Storm shell, size M, at the Tromsø counter until 18:00?',
    state: 'sent',
    created_at: at(-49),
  }),
  message(ingrid, {
    seq: 6,
    text: 'Great! Size M, black if you have it. I can collect it today before six.',
    created_at: at(-48),
  }),
]);
ingrid.last_seq = 6;
ingrid.read_seq = 5;

const decision = (n, kind, reason, params) => ({
  id: id('ab', n),
  seq: n,
  kind: `decision.${kind}`,
  ticket_id: ingrid.id,
  actor: { kind: 'rule', id: null, name: kind },
  reason,
  changes: {},
  data: { sentence_key: `${kind}.matched`, params },
  at: at(-60 + n),
});
export const decisions = [
  decision(
    1,
    'threading',
    'One ticket, two channels: mail and WhatsApp share a verified number.',
    {},
  ),
  decision(2, 'identity', 'Matched to Ingrid Solbakken by the verified number +47 412 55 118.', {}),
  decision(3, 'routing', 'Nordics team: Norwegian text, and the team is on shift until 18:00.', {}),
  decision(
    4,
    'routing',
    'Assigned to Marta Lindqvist: answered her before +30, Norwegian +25, room +18.',
    {},
  ),
];
export const tokens = [
  { id: id('ac', 1), name: 'Warehouse sync', created_at: at(-90_000), last_used_at: at(-12) },
];
export const intake = [
  {
    id: id('ad', 1),
    inbox_id: inboxes[0].id,
    external_id: '<a81c@mail.example>',
    state: 'failed',
    error: 'The attachment could not be read: truncated MIME part',
    attempts: 5,
    received_at: at(-240),
    size: 81_233,
  },
  {
    id: id('ad', 2),
    inbox_id: inboxes[2].id,
    external_id: 'wamid.HBgLNDc0MTI1',
    state: 'failed',
    error: 'Unknown message type "order"',
    attempts: 3,
    received_at: at(-55),
    size: 2_114,
  },
];
export { at, id };
