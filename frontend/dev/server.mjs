// A backend of fixtures for developing the agent app: HTTP, socket events, and the built app under
// the same strict CSP as the real server. Usage: PORT=8000 node dev/server.mjs
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { deflateSync, crc32 } from 'node:zlib';
import { Server } from 'socket.io';
import { add, desk } from './desk.mjs';
import { routes } from './routes.mjs';

const BUILD = fileURLToPath(new URL('../build/app', import.meta.url));
const CLIENT = fileURLToPath(
  new URL('../node_modules/socket.io-client/dist/socket.io.esm.min.js', import.meta.url),
);
const CSP = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data: blob: https:",
  "connect-src 'self'",
  "font-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

function picture(seed) {
  const [w, h] = [184, 116];
  const raw = Buffer.alloc((w * 3 + 1) * h);
  for (let y = 0; y < h; y += 1)
    for (let x = 0; x < w; x += 1)
      raw.set(
        [(70 + seed * 40 + x / 4) % 200, 95 + y / 3, 105 + (x ^ y) / 8],
        y * (w * 3 + 1) + 1 + x * 3,
      );
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.from([0, 0, 0, w, 0, 0, 0, h, 8, 2, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function serveApp(request, response, path) {
  const wanted = normalize(join(BUILD, path.replace(/^\/app/, '')));
  const file =
    wanted.startsWith(BUILD) && existsSync(wanted) && statSync(wanted).isFile()
      ? wanted
      : join(BUILD, 'index.html');
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': CSP,
  });
  createReadStream(file).pipe(response);
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function handle(request, response) {
  const url = new URL(request.url, 'http://mock');
  const cookie = /parley_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  if (!url.pathname.startsWith('/api/v1')) {
    if (url.pathname === '/') return response.writeHead(302, { Location: '/app/' }).end();
    if (url.pathname === '/app/mock-io.js') {
      response.writeHead(200, { 'Content-Type': 'text/javascript' });
      return createReadStream(CLIENT).pipe(response);
    }
    return serveApp(request, response, url.pathname);
  }
  const path = url.pathname.slice('/api/v1'.length);
  const raw = await bodyOf(request);
  if (path === '/files') {
    const name = /filename="([^"]+)"/.exec(raw.toString('latin1'))?.[1] ?? 'file';
    const id = randomUUID();
    const file = {
      id,
      filename: name,
      content_type: name.endsWith('.png') ? 'image/png' : 'application/octet-stream',
      size: raw.length,
      url: `/api/v1/files/${id}`,
    };
    desk.files.set(id, file);
    return response
      .writeHead(201, { 'Content-Type': 'application/json' })
      .end(JSON.stringify(file));
  }
  if (path.startsWith('/files/'))
    return response
      .writeHead(200, { 'Content-Type': 'image/png' })
      .end(picture(Number(path.slice(-1)) || 0));
  const signedIn = desk.signedIn.has(cookie);
  for (const [method, pattern, run] of routes) {
    const match = request.method === method && new RegExp(`^${pattern}$`).exec(path);
    if (!match) continue;
    const open = path === '/session' && method !== 'DELETE';
    const answer =
      !signedIn && !open
        ? { status: 401, problem: { code: 'not-authenticated', status: 401, detail: 'Sign in' } }
        : await run({
            body: raw.length ? JSON.parse(raw) : {},
            query: url.searchParams,
            params: match.slice(1),
            signedIn,
          });
    const headers = {
      'Content-Type': answer.problem ? 'application/problem+json' : 'application/json',
    };
    if (answer.cookie === 'in') {
      const id = randomUUID().slice(0, 8);
      desk.signedIn.add(id);
      headers['Set-Cookie'] = `parley_session=${id}; Path=/; HttpOnly; SameSite=Lax`;
    }
    if (answer.cookie === 'out') desk.signedIn.delete(cookie);
    const json = answer.problem ?? answer.json;
    return response
      .writeHead(answer.status, headers)
      .end(json === undefined ? undefined : JSON.stringify(json));
  }
  response
    .writeHead(404, { 'Content-Type': 'application/problem+json' })
    .end(JSON.stringify({ code: 'not-found', status: 404 }));
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end('{}');
  });
});
const io = new Server(server, { transports: ['websocket'] });
const space = io.of('/agent');
desk.publish = (item) => space.emit('feed', [item]);
setInterval(() => space.emit('head', { seq: desk.seq }), 15_000);

space.on('connection', (socket) => {
  const since = socket.handshake.auth?.last_seq;
  socket.emit('hello', {
    head_seq: desk.seq,
    server_time: new Date().toISOString(),
    agent_id: desk.agents[0].id,
  });
  if (since !== undefined)
    socket.emit(
      'feed',
      desk.feed.filter((item) => item.seq > since),
    );
  socket.on('resume', ({ last_seq }, ack) =>
    ack({
      items: desk.feed.filter((item) => item.seq > last_seq),
      head_seq: desk.seq,
      reset: false,
    }),
  );
  socket.on('view', ({ ticket_id, mode }) => {
    socket.broadcast.emit('view', { ticket_id, agent_id: desk.agents[0].id, sid: socket.id, mode });
    if (ticket_id !== desk.tickets[2].id) return;
    socket.emit('view', { ticket_id, agent_id: desk.agents[1].id, sid: 'mock-1', mode: 'noting' });
    socket.emit('view', { ticket_id, agent_id: desk.agents[2].id, sid: 'mock-2', mode: 'viewing' });
  });
  // A script may speak as the customer of a ticket.
  socket.on('mock:inbound', ({ number, text }) =>
    add(
      desk.tickets.find((one) => one.number === number),
      { text },
    ),
  );
  socket.on('mock:typing', ({ number, on }) => {
    const ticket = desk.tickets.find((one) => one.number === number);
    space.emit('typing', { ticket_id: ticket.id, who: 'contact', name: ticket.contact.name, on });
  });
});

const port = Number(process.env.PORT ?? 8000);
server.listen(port, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/app/`),
);
