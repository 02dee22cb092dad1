import { execFile } from 'node:child_process';
import { Agent, createServer } from 'node:http';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startFaultProxy } from '../../fault-proxy.ts';
import { codeOf, get, open, proxied, serve } from '../http.ts';

it('requests and responses pass letter by letter', async () => {
  const proxy = await proxied((incoming, response) => {
    const { rawHeaders, method, url } = incoming;
    const seen = JSON.stringify({ method, url, rawHeaders });
    response.sendDate = false;
    const head = ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Seen', seen];
    response.writeHead(418, 'Short And Stout', head);
    incoming.pipe(response);
  });
  const headers = {
    'X-Token': 'T',
    Host: 'shop.test',
    'Content-Length': '5',
    // Between the client and the proxy only (RFC 9110 §7.6.1).
    Connection: 'close, X-Hop',
    'X-Hop': '1',
  };
  const reply = await get(`${proxy.url}/a/b?c=%20d`, { method: 'PUT', headers }, 'hello');
  expect([reply.status, reply.message, reply.text]).toEqual([418, 'Short And Stout', 'hello']);
  expect(reply.rawHeaders.slice(0, 5)).toEqual([
    'Set-Cookie',
    'a=1',
    'Set-Cookie',
    'b=2',
    'X-Seen',
  ]);
  expect(reply.headers.date).toBeUndefined();
  expect(JSON.parse(String(reply.headers['x-seen']))).toEqual({
    method: 'PUT',
    url: '/a/b?c=%20d',
    rawHeaders: ['X-Token', 'T', 'Host', 'shop.test', 'Content-Length', '5', 'Connection', 'close'],
  });
});

it.each([
  ['HEAD', 200],
  ['GET', 204],
  ['GET', 304],
])('a %s answered with %i has no body and ends', async (method, status) => {
  const proxy = await proxied((_incoming, response) => {
    response.writeHead(status, method === 'HEAD' ? { 'content-length': '12' } : {}).end();
  });
  const reply = await get(proxy.url, { method });
  expect([reply.status, reply.text]).toEqual([status, '']);
  expect(reply.headers['content-length']).toBe(method === 'HEAD' ? '12' : undefined);
});

it('large bodies pass whole, both ways', async () => {
  const proxy = await proxied((incoming, response) => void incoming.pipe(response));
  const body = Array.from({ length: 200_000 }, (_, line) => `${line}\n`).join('');
  const reply = await get(proxy.url, { method: 'POST' }, body);
  expect(reply.text === body).toBe(true);
});

it('a kept connection carries request after request', async () => {
  const proxy = await proxied((incoming, response) => void response.end(incoming.url));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (const path of ['/1', '/2', '/3']) {
    expect((await get(proxy.url + path, { agent })).text).toBe(path);
  }
  expect(proxy.log.filter(({ kind }) => kind === 'connect')).toHaveLength(1);
  expect(proxy.connections).toBe(1);
});

it('a stream passes chunk by chunk, head first', async () => {
  const written = Promise.withResolvers<(text: string) => void>();
  const proxy = await proxied((_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    written.resolve((text) => response.write(text));
  });
  // Each step would wait for ever if the proxy held the one before.
  const reply = await open(proxy.url);
  const write = await written.promise;
  for (const part of ['data: half', ' an event\n\n', ': hi\n\n']) {
    write(part);
    await reply.until(part);
  }
  expect(reply.text).toBe('data: half an event\n\n: hi\n\n');
  const two = 'data: a\n\ndata: b\n\n';
  write(two);
  await reply.until(two);
  expect(reply.chunks.at(-1)?.toString()).toBe(two);
});

it('the server learns that the client has left', async () => {
  const left = Promise.withResolvers<void>();
  const proxy = await proxied((_incoming, response) => {
    response.on('close', left.resolve);
    response.writeHead(200).flushHeaders();
  });
  const gone = proxy.once('gone', { path: '/stream' });
  (await open(`${proxy.url}/stream`)).destroy();
  await left.promise;
  expect((await gone).path).toBe('/stream');
});

it('a server that does not listen looks like one: no answer, a reset', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const address = gone.address();
  await new Promise((resolve) => gone.close(resolve));
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port } });
  onTestFinished(() => proxy.close());
  expect(await open(proxy.url).catch(codeOf)).toBe('ECONNRESET');
  expect(proxy.log.find(({ kind }) => kind === 'upstream-failed')?.detail).toBe('ECONNREFUSED');

  const back = await serve((_incoming, response) => void response.end('back'));
  proxy.retarget(back);
  expect((await get(proxy.url)).text).toBe('back');
});

it('a server that dies in mid-response breaks the response', async () => {
  const proxy = await proxied((_incoming, response) => {
    response.write('so far', () => response.socket?.resetAndDestroy());
  });
  const reply = await open(proxy.url);
  expect(await reply.over).toBe('ECONNRESET');
  expect(proxy.log.at(-1)).toMatchObject({ kind: 'upstream-failed' });
});

it('a response with a length that breaks off is not completed', async () => {
  const proxy = await proxied((_incoming, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('short', () => response.destroy());
  });
  expect(await (await open(proxy.url)).over).toBe('ECONNRESET');
});

it('the log keeps the newest entries only', async () => {
  const proxy = await proxied((_incoming, response) => void response.end(), { logLimit: 5 });
  for (let request = 0; request < 5; request++) await get(`${proxy.url}/${request}`);
  expect(proxy.log).toHaveLength(5);
  expect(proxy.log.at(-1)?.seq).toBeGreaterThan(5);
});

it('once() finds an entry that came before it, after a given one', async () => {
  const proxy = await proxied((_incoming, response) => void response.end());
  const after = proxy.log.at(-1)?.seq ?? 0;
  await get(`${proxy.url}/early`);
  expect(await proxy.once('request', { path: '/early', after })).toMatchObject({
    path: '/early',
    detail: 'GET',
  });
});

it('close() resets what is open, rejects what is awaited, and may be called twice', async () => {
  const proxy = await proxied((_incoming, response) => void response.write('open'));
  const reply = await open(proxy.url);
  await reply.until('open');
  const awaited = proxy.once('respond').catch((error: unknown) => String(error));
  await Promise.all([proxy.close(), proxy.close()]);
  expect(await reply.over).toBe('ECONNRESET');
  expect(await awaited).toContain('closed');
  expect([proxy.connections, proxy.requests]).toEqual([0, 0]);
  expect(await open(proxy.url).catch(codeOf)).toBe('ECONNREFUSED');
});

it('a process whose proxy is closed under load ends by itself', async () => {
  const port = await serve((_incoming, response) => void response.write('data: x\n\n'));
  const script = `
    import { request } from 'node:http';
    import { startFaultProxy } from ${JSON.stringify(new URL('../../fault-proxy.ts', import.meta.url))};
    const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: ${port} }, control: true });
    const send = (path) => request(proxy.url + path).on('error', () => {}).end();
    const streaming = proxy.once('response', { path: '/stream' });
    send('/stream');
    await streaming;
    proxy.latency(60_000);
    send('/late');
    await proxy.once('request', { path: '/late' });
    proxy.heal();
    proxy.stall(true);
    const stalled = proxy.once('stall', { path: '/stalled' });
    send('/stalled');
    await stalled;
    await proxy.close();
    console.log('closed', proxy.connections, proxy.requests);
  `;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 30_000,
  });
  expect(stdout).toBe('closed 0 0\n');
});
