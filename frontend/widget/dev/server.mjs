// A desk of fixtures for the widget, and the demo shop on another origin under a strict CSP.
// Usage: node widget/dev/server.mjs [desk port] [shop port]   (0 picks a free one)
// POST /dev/<command> with JSON drives it: config, hours, say, typing, receipt, status, cut, refuse.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { Desk } from './desk.mjs';

const build = fileURLToPath(new URL('../../build', import.meta.url));
const [deskPort = 8000, shopPort = 8001] = process.argv.slice(2).map(Number);
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const desk = new Desk();
const http = createServer((request, response) => {
  route(request, response).catch((error) => {
    console.error(error);
    json(response, 500, { code: 'internal' });
  });
});
const io = new Server(http, { transports: ['websocket'], pingInterval: 5000, pingTimeout: 4000 });
desk.attach(io.of('/widget'));

const shop = createServer((request, response) => {
  const deskOrigin = `http://127.0.0.1:${http.address().port}`;
  const path = new URL(request.url, 'http://shop').pathname;
  const name = path === '/' ? 'shop.html' : path.slice(1);
  const file = join(build, 'demo', normalize(name));
  if (!file.startsWith(join(build, 'demo')) || !existsSync(file))
    return response.writeHead(404).end();
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy':
      `default-src 'none'; style-src 'self'; img-src 'self'; ` +
      `script-src 'self' ${deskOrigin}; frame-src ${deskOrigin}`,
  });
  const text = readFileSync(file, 'utf8');
  response.end(text.replaceAll('__DESK_ORIGIN__', deskOrigin).replaceAll('__INBOX_KEY__', 'demo'));
});

async function route(request, response) {
  const url = new URL(request.url, 'http://desk');
  const path = url.pathname;
  if (path === '/widget/loader.js') return file(response, join(build, 'loader/loader.js'));
  if (path === '/widget/frame')
    return file(response, join(build, 'widget/index.html'), {
      'Content-Security-Policy':
        `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; ` +
        `img-src 'self' blob: data:; form-action 'none'; base-uri 'none'; ` +
        `frame-ancestors ${desk.config.origins.join(' ')}`,
    });
  if (path.startsWith('/widget/assets/'))
    return file(response, join(build, 'widget/assets', normalize(path.slice(15))), {
      'Cache-Control': 'public, max-age=31536000, immutable',
    });
  if (path.startsWith('/api/widget/v1/config/')) return json(response, 200, desk.config);
  if (path === '/api/widget/v1/articles')
    return json(response, 200, { items: desk.articles(url.searchParams.get('q') ?? '') });
  if (path === '/api/widget/v1/files' && request.method === 'POST')
    return upload(request, response);
  if (path.startsWith('/api/widget/v1/files/')) {
    const found = desk.files.get(path.split('/').at(-1));
    response.writeHead(found ? 200 : 404, { 'Content-Type': found?.type ?? 'text/plain' });
    return response.end(found?.content);
  }
  if (path.startsWith('/dev/')) {
    const body = JSON.parse((await read(request)).toString() || '{}');
    return json(response, 200, (await desk.drive(path.slice(5), body)) ?? {});
  }
  json(response, 404, { code: 'not-found' });
}

async function upload(request, response) {
  const content = await read(request, desk.slowUpload);
  const head = content.subarray(0, 2000).toString('latin1');
  const filename = /filename="([^"]*)"/.exec(head)?.[1] ?? 'file';
  const type = /Content-Type: ([^\r]+)/i.exec(head)?.[1] ?? 'application/octet-stream';
  const start = content.indexOf('\r\n\r\n') + 4;
  const end = content.lastIndexOf('\r\n--');
  const id = randomUUID();
  desk.files.set(id, { type, content: content.subarray(start, end) });
  json(response, 201, {
    id,
    filename: Buffer.from(filename, 'latin1').toString('utf8'),
    content_type: type,
    size: end - start,
    url: `/api/widget/v1/files/${id}`,
  });
}

async function read(request, pause = 0) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
    if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return Buffer.concat(chunks);
}

function json(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

function file(response, path, headers = {}) {
  if (!existsSync(path)) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'text/plain', ...headers });
  createReadStream(path).pipe(response);
}

http.listen(deskPort, '127.0.0.1', () =>
  shop.listen(shopPort, 'localhost', () => {
    const origin = `http://localhost:${shop.address().port}`;
    desk.config.origins = [origin];
    console.log(JSON.stringify({ desk: `http://127.0.0.1:${http.address().port}`, shop: origin }));
  }),
);
