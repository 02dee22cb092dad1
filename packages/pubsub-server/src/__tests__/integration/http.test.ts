import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createPubSub } from '../../create-pubsub.ts';
import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { contract, startLab, tick } from '../mocks/lab.ts';
import { numbers, openStream, subscribe } from '../mocks/stream-client.ts';

const json = { 'content-type': 'application/json' };

test('history answers pages of the stored events, with their cursors', async () => {
  const { pubsub, url } = await startLab();
  await tick(pubsub, 1, 5);
  const first = await (await fetch(`${url}/history?channel=ticks&limit=2`)).json();
  const epoch = first.top.split(':')[0];
  expect(first).toEqual({
    channel: 'ticks',
    outcome: 'ok',
    from: `${epoch}:3`,
    top: `${epoch}:5`,
    more: false,
    events: [4, 5].map((n) => ({
      cursor: `${epoch}:${n}`,
      id: expect.any(String),
      name: 'ticks:ticked',
      channel: 'ticks',
      payload: { n },
      timestamp: expect.any(String),
    })),
  });
  const after = await (await fetch(`${url}/history?channel=ticks&limit=2&after=${epoch}:1`)).json();
  expect(after).toMatchObject({ outcome: 'ok', from: `${epoch}:1`, more: true });
  expect(after.events.map(({ payload }: any) => payload.n)).toEqual([2, 3]);
  expect(await (await fetch(`${url}/history?channel=ticks&after=other:1`)).json()).toMatchObject({
    outcome: 'reset',
  });

  const typed = await pubsub.history('ticks', { after: { epoch, offset: 4 } });
  expect(typed.events).toEqual([
    expect.objectContaining({ cursor: { epoch, offset: 5 }, payload: { n: 5 } }),
  ]);
  await expect(pubsub.history('ticks', { limit: 0 })).rejects.toMatchObject({
    code: 'bad_request',
    path: ['limit'],
  });
  await expect(pubsub.history('nowhere' as never)).rejects.toMatchObject({
    code: 'unknown_channel',
  });
});

test('HEAD answers what GET would, without a body or a stream', async () => {
  const { pubsub, url } = await startLab();
  const stream = await fetch(`${url}/stream?channel=ticks`, { method: 'HEAD' });
  expect(stream.status).toBe(200);
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  expect((await fetch(`${url}/stream?channel=nowhere`, { method: 'HEAD' })).status).toBe(404);
  const history = await fetch(`${url}/history?channel=ticks`, { method: 'HEAD' });
  expect(Number(history.headers.get('content-length'))).toBeGreaterThan(10);
  expect(await history.text()).toBe('');
  expect((await fetch(`${url}/emit`, { method: 'HEAD' })).status).toBe(405);
  expect((await pubsub.status()).streams).toBe(0);
});

test('a page of an allowed origin may use every endpoint, and read the errors; others may not', async () => {
  const { url } = await startLab({ cors: { origins: ['https://app.example.com'] } });
  const ask = (origin: string, init: RequestInit, path: string): Promise<Response> =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), origin },
    });

  const preflight = await ask(
    'https://app.example.com',
    {
      method: 'OPTIONS',
      headers: {
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    },
    '/emit',
  );
  expect(preflight.status).toBe(204);
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': 'https://app.example.com',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'authorization,content-type',
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  });
  const failed = await ask('https://app.example.com', {}, '/history?channel=nowhere');
  expect(failed.status).toBe(404);
  expect(failed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  expect(failed.headers.get('access-control-expose-headers')).toBe('Retry-After');

  const foreign = await ask('https://evil.example.com', { method: 'OPTIONS' }, '/emit');
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  expect(foreign.headers.get('vary')).toBe('Origin');
});

test('what a framework said of Vary before stays said', async () => {
  for (const [before, after] of [
    ['Accept-Encoding', 'Accept-Encoding, Origin'],
    [['Accept-Encoding', 'Cookie'], 'Accept-Encoding, Cookie, Origin'],
    ['accept-encoding, origin', 'accept-encoding, origin'],
    ['*', '*'],
    ['X-Origin', 'X-Origin, Origin'],
  ] as const) {
    const { url, close } = await startLab({
      cors: { origins: '*' },
      wrap: (handler) => (incoming, response) => {
        response.setHeader('Vary', before);
        handler(incoming, response);
      },
    });
    expect((await fetch(`${url}/status`)).headers.get('vary')).toBe(after);
    await close();
  }
});

test('a target in absolute form is understood, as a proxy may send it', async () => {
  const seen: string[] = [];
  const { url } = await startLab({
    authenticate: (incoming) => {
      seen.push(incoming.url.href);
      return {};
    },
  });
  const { port } = new URL(url);
  for (const target of [
    `${url}/history?channel=ticks`,
    `HTTP://a.example/pubsub/history?channel=ticks`,
  ]) {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, path: target, agent: false }, resolve)
        .once('error', reject)
        .end();
    });
    answer.resume();
    expect(answer.statusCode).toBe(200);
  }
  expect(seen).toEqual([
    `${url}/history?channel=ticks`,
    'http://a.example/pubsub/history?channel=ticks',
  ]);
});

test('without cors, OPTIONS says what the endpoint takes and no origin is allowed', async () => {
  const { url } = await startLab();
  const answer = await fetch(`${url}/stream`, {
    method: 'OPTIONS',
    headers: { origin: 'https://a.example' },
  });
  expect(answer.status).toBe(204);
  expect(answer.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

test('mounted in a framework: foreign paths go to next, stripped paths and parsed bodies are understood', async () => {
  const pubsub = createPubSub({
    contract,
    adapter: memory(),
    basePath: '/api/realtime/',
    actions: {
      'orders:created': async () => ({ success: true }),
      'chat:typing': async () => undefined,
    },
  });
  // What Express does for `app.use(express.json()); app.use('/api', pubsub.nodeHandler)`.
  const server = createServer(
    async (
      request: IncomingMessage & { originalUrl?: string; body?: unknown },
      response: ServerResponse,
    ) => {
      if (request.method === 'POST') {
        let text = '';
        for await (const chunk of request) text += String(chunk);
        request.body = JSON.parse(text);
      }
      request.originalUrl = request.url ?? '';
      request.url = request.originalUrl.replace(/^\/api/, '') || '/';
      pubsub.nodeHandler(request, response, () => response.writeHead(418).end('next'));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await pubsub.stop({ drainMs: 0 });
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/realtime`;

  expect(await (await fetch(`${url}/status`)).json()).toMatchObject({ status: 'up' });
  const emitted = await fetch(`${url}/emit`, {
    method: 'POST',
    headers: json,
    body: '{"name":"orders:created","payload":{"orderId":"1"}}',
  });
  expect(await emitted.json()).toMatchObject({ result: { success: true } });
  const client = await subscribe(url, [{ channel: 'orders', history: 1 }]);
  expect(client.events()).toHaveLength(1);
  expect((await fetch(`${url}/other`)).status).toBe(418);
  expect((await fetch(url.replace('/api/realtime', '/elsewhere'))).status).toBe(418);
});

test('a base path of / serves at the root', async () => {
  const { url } = await startLab({ basePath: '/' });
  expect((await fetch(url.replace('/pubsub', '/status'))).status).toBe(200);
});

test('over HTTP/2 a stream flows too', async () => {
  const { pubsub } = await startLab();
  const server = createHttp2Server((request, response) =>
    pubsub.nodeHandler(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const stream = session.request({ ':path': '/pubsub/stream?channel=ticks' });
  let text = '';
  const until = (part: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => void (text.includes(part) && resolve());
      stream.on('data', look);
      look();
    });
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await until('event: live');
  await tick(pubsub, 1);
  await until('"payload":{"n":1}');
  stream.close();
  while ((await pubsub.status()).streams > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('an HTTP/1.0 client gets the stream unchunked', async () => {
  const { connect } = await import('node:net');
  const { pubsub, url } = await startLab();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.write('GET /pubsub/stream?channel=ticks HTTP/1.0\r\n\r\n');
  while (!text.includes('event: live')) await new Promise((resolve) => setImmediate(resolve));
  await tick(pubsub, 1);
  while (!text.includes('"payload":{"n":1}')) await new Promise((resolve) => setImmediate(resolve));
  expect(text).not.toMatch(/transfer-encoding/i);
  expect(text).not.toMatch(/^[0-9a-f]+\r$/m);
  socket.destroy();
});

test('authenticate sees method, address and headers, and the answer decides', async () => {
  const seen: unknown[] = [];
  const { url } = await startLab({
    authenticate: async (request) => {
      seen.push([
        request.method,
        request.url.pathname,
        request.headers.get('authorization'),
        request.node?.httpVersion,
      ]);
      return request.headers.get('authorization') === 'Bearer good'
        ? { user: { id: 'ann', roles: [] } }
        : null;
    },
  });
  expect((await openStream(`${url}/stream?channel=ticks`)).status).toBe(401);
  const client = await subscribe(url, ['ticks'], { authorization: 'Bearer good' });
  expect(numbers(client)).toEqual([]);
  expect(seen).toContainEqual(['GET', '/pubsub/stream', null, '1.1']);
  expect(seen).toContainEqual(['POST', '/pubsub/stream', 'Bearer good', '1.1']);
});
