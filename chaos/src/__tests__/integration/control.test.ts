import { Agent } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectFaultProxy } from '../../remote.ts';
import { codeOf, get, open, proxied } from '../http.ts';

const json = { 'content-type': 'application/json' };
const post = (url: string, body: string): Promise<{ status: number; text: string }> =>
  get(url, { method: 'POST', headers: json }, body);

describe('the control API', () => {
  it('obeys each command, from the proxy’s own port and from its control port', async () => {
    const proxy = await proxied((_incoming, response) => void response.end('ok'), {
      control: true,
    });
    for (const base of [proxy.url, proxy.controlUrl]) {
      await post(
        `${base}/__chaos/respond`,
        '{"status":503,"headers":{"Retry-After":"1"},"match":{"path":"/x"}}',
      );
      expect((await get(`${proxy.url}/x`)).status).toBe(503);
      expect((await get(`${proxy.url}/x`)).status).toBe(200);
      const log = JSON.parse((await get(`${base}/__chaos/log`)).text) as { entries: unknown[] };
      expect(log.entries).toContainEqual(
        expect.objectContaining({ kind: 'respond', path: '/x', detail: '503' }),
      );
    }
  });

  it('is reachable while the proxy refuses or stalls, and its own connection is not cut', async () => {
    const proxy = await proxied((_incoming, response) => void response.write('hi'), {
      control: true,
    });
    const reply = await open(proxy.url);
    await reply.until('hi');
    expect(JSON.parse((await post(`${proxy.url}/__chaos/cut`, '')).text)).toEqual({ cut: 1 });
    expect(await reply.over).toBe('ECONNRESET');
    await post(`${proxy.url}/__chaos/stall`, '{"on":true}');
    await post(`${proxy.url}/__chaos/refuse`, '{"on":true}');
    await post(`${proxy.url}/__chaos/stall`, '{"on":false}');
    expect(await open(proxy.url).catch(codeOf)).toBe('ECONNRESET');
    await post(`${proxy.url}/__chaos/heal`, '{}');
    expect((await open(proxy.url)).status).toBe(200);
  });

  it('leaves no connection behind that a later request would share', async () => {
    const proxy = await proxied((_incoming, response) => void response.write('hi'), {
      control: true,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    await get(`${proxy.url}/__chaos/heal`, { method: 'POST', headers: json, agent }, '{}');
    const reply = await open(proxy.url, { agent });
    await reply.until('hi');
    expect([proxy.connections, proxy.cut()]).toEqual([1, 1]);
  });

  it('may be used by a page of any origin', async () => {
    const proxy = await proxied((_incoming, response) => void response.end(), { control: true });
    const headers = {
      origin: 'http://page.test',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const preflight = await get(`${proxy.url}/__chaos/heal`, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'content-type',
    });
    const answer = await get(
      `${proxy.url}/__chaos/heal`,
      { method: 'POST', headers: { ...json, origin: 'http://page.test' } },
      '{}',
    );
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });

  it.each([
    ['stall', '{}', 400, 'on'],
    ['stall', '{"on":"yes"}', 400, 'on'],
    ['respond', '{"status":503,"match":{"pth":"/x"}}', 400, 'match.pth'],
    ['respond', '{"status":503,"headers":{"a":1}}', 400, 'headers.a'],
    ['cutInsideEvent', '{"how":"softly"}', 400, 'how'],
    ['cut', '{"path":{"regexp":1}}', 400, 'path.regexp'],
    ['cut', '{"__proto__":1}', 400, '__proto__'],
    ['cut', '[]', 400, 'body'],
    ['cutAfterBytes', '{"bytes":-1}', 400, undefined],
    ['cut', '{', 400, undefined],
    ['cut', `{"path":"${'x'.repeat(300_000)}"}`, 413, undefined],
    ['explode', '{}', 404, undefined],
    ['constructor', '{}', 404, undefined],
  ])('answers %s %.60s with %i and says where', async (name, body, status, path) => {
    const proxy = await proxied((_incoming, response) => void response.end('ok'), {
      control: true,
    });
    const reply = await post(`${proxy.controlUrl}/__chaos/${name}`, body);
    const { error } = JSON.parse(reply.text) as { error: { message: string; path?: string } };
    expect([reply.status, error.path]).toEqual([status, path]);
    expect(error.message).not.toBe('');
    expect((await get(proxy.url)).text).toBe('ok');
  });

  it('answers 404 and 405 for what is not its own', async () => {
    const proxy = await proxied((_incoming, response) => void response.end('ok'), {
      control: true,
    });
    expect((await get(`${proxy.controlUrl}/other`)).status).toBe(404);
    expect((await get(`${proxy.url}/__chaos/cut`)).status).toBe(404);
    expect((await get(`${proxy.url}/__chaos/cut`, { method: 'PUT' }, '{}')).status).toBe(405);
  });

  it('is the server’s own path when it is off', async () => {
    const proxy = await proxied((incoming, response) => void response.end(incoming.url));
    expect((await post(`${proxy.url}/__chaos/cut`, '{}')).text).toBe('/__chaos/cut');
    expect(proxy.controlUrl).toBeUndefined();
  });
});

describe('the remote', () => {
  it('does over HTTP what the proxy does in process', async () => {
    let streams = 0;
    const proxy = await proxied(
      (_incoming, response) => {
        streams++;
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .write('data: 0123456789\n\n');
      },
      { control: true },
    );
    const remote = connectFaultProxy(proxy.controlUrl ?? '');
    const broken = async (): Promise<string> => {
      const reply = await open(`${proxy.url}/stream`);
      expect(await reply.over).not.toBe('end');
      return reply.text;
    };

    await remote.cutInsideEvent({ path: /^\/stream/, data: /9$/, at: 1 });
    expect(await broken()).toBe('data: 0123456789\n');
    await remote.cutBeforeFirstEvent({ how: 'close' });
    expect(await broken()).toBe('');
    await remote.cutAfterBytes(3);
    expect(await broken()).toBe('dat');
    await remote.respond({ status: 429, times: 'always' });
    expect((await get(proxy.url)).status).toBe(429);
    await remote.heal();
    await remote.refuse(true);
    expect(await open(proxy.url).catch(codeOf)).toBe('ECONNRESET');
    await remote.refuse(false);
    await remote.slice(1, 2, 5);
    await remote.latency(1, 1, 5);
    const reply = await open(proxy.url);
    await reply.until('9\n\n');
    expect(reply.chunks.length).toBeGreaterThanOrEqual(9);
    await remote.heal();

    const { seq, connections, requests, target } = await remote.status();
    expect({ connections, requests, target }).toEqual({
      connections: 1,
      requests: 1,
      target: proxy.target,
    });
    const awaited = remote.once('cut', { after: seq });
    expect(await remote.cut()).toBe(1);
    expect(await awaited).toMatchObject({ kind: 'cut', path: '/' });
    await remote.stall(true, { path: '/held' });
    const held = remote.once('stall', { after: seq, path: '/held' });
    const opening = open(`${proxy.url}/held`);
    await held;
    await remote.stall(false, { path: '/held' });
    expect((await opening).status).toBe(200);
    expect((await remote.log()).length).toBe(proxy.log.length);
    await remote.retarget(proxy.target.port);
    expect(streams).toBe(5);
  });

  it('rejects with the proxy’s own words', async () => {
    const proxy = await proxied((_incoming, response) => void response.end(), { control: true });
    const remote = connectFaultProxy(proxy.controlUrl ?? '');
    await expect(remote.cutAfterBytes(-1)).rejects.toThrow(/bytes: -1/);
  });

  it('leaves nothing waiting when its own wait is aborted', async () => {
    const proxy = await proxied((_incoming, response) => void response.end(), { control: true });
    const remote = connectFaultProxy(proxy.controlUrl ?? '');
    const waiting = remote.once('respond', { signal: AbortSignal.abort() });
    await expect(waiting).rejects.toThrow();
    await proxy.close();
  });
});
