import { Agent } from 'node:http';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FaultProxy } from '../../fault-proxy.ts';
import { codeOf, get, open, proxied } from '../http.ts';

describe('refuse()', () => {
  it('resets new connections while on, and keeps the listener', async () => {
    const proxy = await proxied((_incoming, response) => void response.end('ok'));
    proxy.refuse(true);
    expect(await open(proxy.url).catch(codeOf)).toBe('ECONNRESET');
    expect(proxy.log.some(({ kind }) => kind === 'request')).toBe(false);
    proxy.refuse(false);
    expect((await get(proxy.url)).text).toBe('ok');
  });

  it('lets no request slip past on a kept connection, and leaves open streams open', async () => {
    let stream: ServerResponse | undefined;
    const proxy = await proxied((incoming, response) => {
      if (incoming.url !== '/stream') return void response.end('ok');
      stream = response;
      response.write('hi');
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const reply = await open(`${proxy.url}/stream`);
    await get(proxy.url, { agent });
    proxy.refuse(true);
    expect(await get(proxy.url, { agent }).catch(codeOf)).toBe('ECONNRESET');
    stream?.write('more');
    await reply.until('more');
  });
});

describe('respond()', () => {
  it('answers in place of a server that never hears of it, as often as told', async () => {
    const seen: string[] = [];
    const proxy = await proxied((incoming, response) => {
      seen.push(incoming.url ?? '');
      response.end('real');
    });
    proxy.respond({
      status: 503,
      headers: { 'Retry-After': '2' },
      body: 'busy',
      times: 2,
      match: { path: '/emit' },
    });
    const replies = [];
    for (const path of ['/emit', '/other', '/emit', '/emit']) {
      const reply = await get(proxy.url + path, { method: 'POST' }, 'x'.repeat(100_000));
      replies.push([reply.status, reply.headers['retry-after'], reply.text]);
    }
    expect(replies).toEqual([
      [503, '2', 'busy'],
      [200, undefined, 'real'],
      [503, '2', 'busy'],
      [200, undefined, 'real'],
    ]);
    expect(seen).toEqual(['/other', '/emit']);
  });

  it('queues answers in the order they were set', async () => {
    const proxy = await proxied((_incoming, response) => void response.end());
    proxy.respond({ status: 401 });
    proxy.respond({ status: 429 });
    proxy.respond({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<h1>Wi-Fi</h1>',
      times: 'always',
    });
    const statuses = [];
    for (let request = 0; request < 4; request++) statuses.push((await get(proxy.url)).status);
    expect(statuses).toEqual([401, 429, 200, 200]);
    expect((await get(proxy.url)).headers['content-type']).toBe('text/html');
    proxy.heal();
    expect((await get(proxy.url)).headers['content-type']).toBeUndefined();
  });

  it('lets another origin read the answer unless told not to, and leaves preflights to the server', async () => {
    const proxy = await proxied(
      (incoming, response) => void response.writeHead(204, { allow: incoming.method }).end(),
    );
    const headers = { origin: 'http://page.test' };
    proxy.respond({ status: 503, headers: { 'Retry-After': '2' } });
    expect((await get(proxy.url, { method: 'OPTIONS', headers })).headers.allow).toBe('OPTIONS');
    const readable = await get(proxy.url, { headers });
    expect(readable.headers['access-control-allow-origin']).toBe('http://page.test');
    expect(readable.headers['access-control-expose-headers']).toBe('Retry-After');
    proxy.respond({ status: 503, cors: false });
    expect(
      (await get(proxy.url, { headers })).headers['access-control-allow-origin'],
    ).toBeUndefined();
  });
});

describe('stall()', () => {
  it('lets nothing through, then all of it in order', async () => {
    let stream: ServerResponse | undefined;
    const paths: string[] = [];
    const proxy = await proxied((incoming, response) => {
      paths.push(incoming.url ?? '');
      if (incoming.url !== '/stream') return void response.end('ok');
      stream = response;
      response.write('1');
    });
    const reply = await open(`${proxy.url}/stream`);
    await reply.until('1');
    proxy.stall(true);
    const held = proxy.once('stall', { path: '/stream' });
    stream?.write('2');
    await held;
    const heldRequest = proxy.once('stall', { path: '/new' });
    const answered = get(`${proxy.url}/new`);
    await heldRequest;
    stream?.write('3');
    expect([reply.text, paths]).toEqual(['1', ['/stream']]);
    proxy.stall(false);
    await reply.until('123');
    expect((await answered).text).toBe('ok');
  });

  it('makes the server wait when it writes on and on, and loses none of it', async () => {
    let stream: ServerResponse | undefined;
    const proxy = await proxied((incoming, response) => {
      if (incoming.url !== '/stream') return void response.end();
      stream = response;
      response.write('begin');
    });
    const reply = await open(`${proxy.url}/stream`);
    await reply.until('begin');
    proxy.stall(true, { path: '/stream' });
    const held = proxy.once('stall');
    const block = 'x'.repeat(1024 * 1024);
    for (let written = 0; written < 16; written++) stream?.write(block);
    stream?.end('done');
    await held;
    // Round trips beside it: what the proxy would gather without bound, it would have by now.
    for (let trip = 0; trip < 20; trip++) await get(`${proxy.url}/beside`);
    expect(stream?.writableLength).toBeGreaterThan(block.length);
    proxy.stall(false);
    expect(await reply.over).toBe('end');
    expect(reply.text.length).toBe('begin'.length + 16 * block.length + 'done'.length);
  });

  it('with a match holds those only, and releases them by it', async () => {
    const proxy = await proxied((_incoming, response) => void response.end('ok'));
    proxy.stall(true, { path: '/a' });
    proxy.stall(true, { path: '/b' });
    const a = get(`${proxy.url}/a`);
    const b = get(`${proxy.url}/b`);
    expect((await get(`${proxy.url}/c`)).text).toBe('ok');
    proxy.stall(false, { path: '/a' });
    expect((await a).text).toBe('ok');
    expect(proxy.log.some(({ kind, path }) => kind === 'end' && path === '/b')).toBe(false);
    proxy.heal();
    expect((await b).text).toBe('ok');
  });

  it('hides the client leaving from the server until it is over', async () => {
    let closed = false;
    const left = Promise.withResolvers<void>();
    const proxy = await proxied((incoming, response) => {
      if (incoming.url !== '/stream') return void response.end();
      response.on('close', () => {
        closed = true;
        left.resolve();
      });
      response.write('hi');
    });
    const reply = await open(`${proxy.url}/stream`);
    await reply.until('hi');
    proxy.stall(true, { path: '/stream' });
    const gone = proxy.once('gone');
    reply.destroy();
    await gone;
    // Round trips beside it: a close that was let through would have arrived before them.
    for (let trip = 0; trip < 3; trip++) await get(`${proxy.url}/beside`);
    expect([closed, proxy.requests]).toEqual([false, 1]);
    proxy.stall(false);
    await left.promise;
  });

  it('hides the server dying from the client until it is over', async () => {
    let stream: ServerResponse | undefined;
    const proxy = await proxied((incoming, response) => {
      if (incoming.url !== '/stream') return void response.end();
      stream = response;
      response.write('hi');
    });
    let over = '';
    const reply = await open(`${proxy.url}/stream`);
    void reply.over.then((how) => (over = how));
    await reply.until('hi');
    proxy.stall(true, { path: '/stream' });
    const held = proxy.once('stall');
    stream?.destroy();
    await held;
    for (let trip = 0; trip < 3; trip++) await get(`${proxy.url}/beside`);
    expect(over).toBe('');
    proxy.heal();
    expect(await reply.over).toBe('ECONNRESET');
  });
});

describe('latency()', () => {
  it('holds requests and responses back; heal() lets them go', async () => {
    let stream: ServerResponse | undefined;
    const paths: string[] = [];
    const proxy = await proxied((incoming, response) => {
      paths.push(incoming.url ?? '');
      if (incoming.url !== '/stream') return void response.end('ok');
      stream = response;
      response.write('1');
    });
    const reply = await open(`${proxy.url}/stream`);
    await reply.until('1');
    proxy.latency(60_000);
    const written = Promise.withResolvers<void>();
    stream?.write('2', () => written.resolve());
    await written.promise;
    const arrived = proxy.once('request', { path: '/late' });
    const late = get(`${proxy.url}/late`);
    await arrived;
    expect([reply.text, paths]).toEqual(['1', ['/stream']]);
    proxy.heal();
    await reply.until('12');
    expect((await late).text).toBe('ok');
  });

  it('moves every chunk by the same time, in order: delays do not add up', async () => {
    const count = 200;
    const proxy = await proxied((_incoming, response) => {
      for (let chunk = 0; chunk < count; chunk++) response.write(`${chunk},`);
      response.end();
    });
    // Added up, 200 delays would outlast the test's own limit by far.
    proxy.latency(100, 20, 3);
    const reply = await get(proxy.url);
    expect(reply.text).toBe(Array.from({ length: count }, (_, chunk) => `${chunk},`).join(''));
  });

  it('ends with 0', async () => {
    const proxy = await proxied((_incoming, response) => void response.end('ok'));
    proxy.latency(60_000);
    const late = get(proxy.url);
    proxy.latency(0);
    expect((await late).text).toBe('ok');
  });
});

describe('slice()', () => {
  // Without a length the body is chunked, and each slice is a chunk that the client sees by itself.
  const answering = (): Promise<FaultProxy> =>
    proxied((_incoming, response) => {
      response.write(text);
      response.end();
    });
  const text = 'data: {"name":"orders:created","note":"héé ✓"}\n\n'.repeat(20);

  it('breaks a body into slices of the given sizes, and loses none of it', async () => {
    const proxy = await answering();
    proxy.slice(1, 7, 42);
    const reply = await get(proxy.url);
    expect(reply.text).toBe(text);
    expect(reply.chunks.length).toBeGreaterThan(Buffer.byteLength(text) / 7);
    expect(Math.max(...reply.chunks.map(({ length }) => length))).toBeLessThanOrEqual(7);
  });

  it('breaks at the same bytes for the same seed, at others for another', async () => {
    const sizes = async (seed: number): Promise<number[]> => {
      const proxy = await answering();
      proxy.slice(1, 64, seed);
      return (await get(proxy.url)).chunks.map(({ length }) => length);
    };
    const first = await sizes(42);
    expect(await sizes(42)).toEqual(first);
    expect(await sizes(43)).not.toEqual(first);
  });

  it('breaks at the same bytes however the server writes', async () => {
    const ends = async (pieces: string[]): Promise<number[]> => {
      const proxy = await proxied((_incoming, response) => {
        for (const piece of pieces) response.write(piece);
        response.end();
      });
      proxy.slice(5, 9, 42);
      let at = 0;
      return (await get(proxy.url)).chunks.map(({ length }) => (at += length));
    };
    const cut = Buffer.from(text).subarray(0, 103).toString();
    const inTwo = await ends([cut, text.slice(cut.length)]);
    const whole = await ends([text]);
    expect(inTwo.filter((end) => end !== Buffer.byteLength(cut))).toEqual(
      whole.filter((end) => end !== Buffer.byteLength(cut)),
    );
  });

  it('goes with a cut inside an event', async () => {
    const proxy = await proxied((_incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text);
    });
    proxy.slice(1, 3, 7);
    proxy.cutInsideEvent({ at: 1 });
    const reply = await open(proxy.url);
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text).toBe(text.slice(0, text.indexOf('\n') + 1));
  });
});
