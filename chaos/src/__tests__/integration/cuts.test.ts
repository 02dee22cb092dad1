import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { FaultProxy } from '../../fault-proxy.ts';
import type { Reply } from '../http.ts';
import { codeOf, get, open, proxied } from '../http.ts';

const sse = { 'content-type': 'text/event-stream; charset=utf-8' };

/** A server whose streams the test writes itself: `write` reaches every open one. */
async function streaming(
  greeting = ': hi\n\n',
): Promise<{ proxy: FaultProxy; write: (text: string) => void }> {
  const streams = new Set<ServerResponse>();
  const proxy = await proxied((_incoming, response) => {
    response.writeHead(200, sse).write(greeting);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  });
  return { proxy, write: (text) => streams.forEach((stream) => stream.write(text)) };
}

const opened = async (proxy: FaultProxy, path = '/stream'): Promise<Reply> => {
  const reply = await open(proxy.url + path);
  await reply.until('hi');
  return reply;
};

describe('cut()', () => {
  it('resets every open connection, and the next one works', async () => {
    const { proxy } = await streaming();
    const replies = [await opened(proxy), await opened(proxy)];
    expect(proxy.cut()).toBe(2);
    expect(await Promise.all(replies.map(({ over }) => over))).toEqual([
      'ECONNRESET',
      'ECONNRESET',
    ]);
    expect((await opened(proxy)).status).toBe(200);
  });

  it('with a match resets those only', async () => {
    const { proxy, write } = await streaming();
    const cut = await opened(proxy, '/cut');
    const kept = await opened(proxy, '/kept');
    expect(proxy.cut({ path: '/cut' })).toBe(1);
    expect(await cut.over).toBe('ECONNRESET');
    write('data: still here\n\n');
    await kept.until('still here');
  });

  it('reaches the server too', async () => {
    const closed = Promise.withResolvers<boolean>();
    const proxy = await proxied((_incoming, response) => {
      response.on('close', () => closed.resolve(response.writableFinished));
      response.write('hi');
    });
    await opened(proxy);
    proxy.cut();
    expect(await closed.promise).toBe(false);
  });
});

describe('cutAfterBytes()', () => {
  const answering = (text: string): Promise<FaultProxy> =>
    proxied((_incoming, response) => void response.end(text));

  it('passes exactly so many body bytes of the next response, once', async () => {
    const proxy = await answering('0123456789');
    proxy.cutAfterBytes(4);
    const reply = await open(proxy.url);
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text).toBe('0123');
    expect((await get(proxy.url)).text).toBe('0123456789');
  });

  it('counts over chunks', async () => {
    const { proxy, write } = await streaming('hi');
    proxy.cutAfterBytes(5);
    const reply = await opened(proxy);
    write('ab');
    await reply.until('hiab');
    write('cdef');
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text).toBe('hiabc');
  });

  it('with 0 bytes cuts right after the head, though the stream is silent', async () => {
    const proxy = await proxied((_incoming, response) =>
      response.writeHead(200, sse).flushHeaders(),
    );
    proxy.cutAfterBytes(0);
    const reply = await open(proxy.url);
    expect(reply.status).toBe(200);
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text).toBe('');
  });

  it('waits for a matching response that is long enough, and spares open ones and preflights', async () => {
    const { proxy, write } = await streaming();
    const before = await opened(proxy, '/before');
    proxy.cutAfterBytes(20, { path: /^\/(before|stream)/ });
    write('data: a long event, longer than that\n\n');
    await before.until('than that\n\n');
    const other = await opened(proxy, '/other');
    write('data: another long event for all\n\n');
    await other.until('for all\n\n');
    const reply = await opened(proxy);
    write('data: and one more to be cut\n\n');
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text).toHaveLength(20);
  });

  it('needs no time between the last byte and the cut, and leaves nothing open', async () => {
    const proxy = await proxied((_incoming, response) => void response.end('0123456789'), {
      lingerMs: 0,
    });
    for (const bytes of [0, 4, 9]) {
      proxy.cutAfterBytes(bytes);
      const reply = await open(proxy.url);
      expect(await reply.over).toBe('ECONNRESET');
      expect(reply.text).toBe('0123456789'.slice(0, bytes));
    }
    await proxy.close();
    expect(proxy.requests).toBe(0);
  });

  it('repeats as often as told', async () => {
    const proxy = await answering('0123456789');
    proxy.cutAfterBytes(1, { times: 2 });
    const replies = [await open(proxy.url), await open(proxy.url), await open(proxy.url)];
    expect(await Promise.all(replies.map(({ over }) => over))).toEqual([
      'ECONNRESET',
      'ECONNRESET',
      'end',
    ]);
  });

  it('truncates with a FIN when asked to close', async () => {
    const { proxy } = await streaming('hi there');
    proxy.cutAfterBytes(2, { how: 'close' });
    const reply = await opened(proxy);
    // Node reports a missing last chunk under the same code as a reset; the message differs.
    expect(await reply.over).not.toBe('end');
    expect(reply.text).toBe('hi');
  });

  it('ends the body in good form when asked to end', async () => {
    const { proxy } = await streaming('hi there');
    proxy.cutAfterBytes(2, { how: 'end' });
    const reply = await opened(proxy);
    expect(await reply.over).toBe('end');
    expect(reply.text).toBe('hi');
  });

  it('ends the connection when a body with a length is to end early', async () => {
    const proxy = await answering('0123456789');
    proxy.cutAfterBytes(3, { how: 'end' });
    const reply = await open(proxy.url);
    expect(await reply.over).not.toBe('end');
    expect(reply.text).toBe('012');
  });
});

describe('cutInsideEvent()', () => {
  const event = 'id: 7\ndata: {"orderId":"42"}\n\n';

  it('passes comments and id-only blocks, and half of the next event of an open stream', async () => {
    const { proxy, write } = await streaming();
    const reply = await opened(proxy);
    proxy.cutInsideEvent({ path: '/stream' });
    write(': heartbeat\n\nid: 6\n\n');
    await reply.until('id: 6\n\n');
    write(event);
    expect(await reply.over).toBe('ECONNRESET');
    const cut = reply.text.slice(reply.text.indexOf('id: 7'));
    expect(event.startsWith(cut)).toBe(true);
    expect(cut.length).toBe(Math.round((event.length - 1) / 2));
  });

  it.each([
    [0, 'i'],
    [1, 'id: 7\ndata: {"orderId":"42"}\n'],
  ])('at %d passes %j', async (at, passed) => {
    const { proxy, write } = await streaming();
    const reply = await opened(proxy);
    proxy.cutInsideEvent({ at });
    write(event);
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text).toBe(`: hi\n\n${passed}`);
  });

  it('finds the middle of an event that comes in pieces, and lets a begun one finish', async () => {
    const { proxy, write } = await streaming();
    const reply = await opened(proxy);
    write('data: beg');
    await reply.until('beg');
    proxy.cutInsideEvent();
    write('un\n');
    await reply.until('begun\n');
    write('\ndata: 01234');
    await reply.until('begun\n\n');
    write('56789\n\n');
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text).toBe(': hi\n\ndata: begun\n\ndata: 012');
  });

  it('looks for the event it was told: by type, by data', async () => {
    const { proxy, write } = await streaming();
    const reply = await opened(proxy);
    proxy.cutInsideEvent({ event: /^orders:/, data: '"42"' });
    const others = 'event: hello\ndata: "42"\n\nevent: orders:created\ndata: "41"\n\n';
    write(`${others}event: orders:created\ndata: "42"\n\nevent: orders:created\ndata: "43"\n\n`);
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text.startsWith(`: hi\n\n${others}event: o`)).toBe(true);
    expect(reply.text).not.toContain('"42"\n\nevent: orders:created\ndata: "42"');
  });

  it('cuts one of several streams', async () => {
    const { proxy, write } = await streaming();
    const replies = [await opened(proxy), await opened(proxy)];
    proxy.cutInsideEvent();
    write(event);
    const first = await Promise.race(replies.map(async (reply) => (await reply.over, reply)));
    const other = replies.find((reply) => reply !== first);
    await other?.until(event);
    write('data: next\n\n');
    await other?.until('next\n\n');
  });

  it('keeps to its own path beside another rule', async () => {
    const { proxy, write } = await streaming();
    const a = await opened(proxy, '/a');
    const b = await opened(proxy, '/b');
    proxy.cutInsideEvent({ path: '/b', at: 1 });
    proxy.cutInsideEvent({ path: '/a', at: 0 });
    write('data: x\n\n');
    expect(await Promise.all([a.over, b.over])).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect([a.text, b.text]).toEqual([': hi\n\nd', ': hi\n\ndata: x\n']);
  });

  it('leaves a body that is no event stream alone', async () => {
    const proxy = await proxied((_incoming, response) => void response.end('data: text\n\n'));
    proxy.cutInsideEvent();
    expect((await get(proxy.url)).text).toBe('data: text\n\n');
  });

  it('is forgotten after heal(), and what it held goes on', async () => {
    const { proxy, write } = await streaming();
    const reply = await opened(proxy);
    proxy.cutInsideEvent();
    write(': hb\n\ndata: ha');
    await reply.until('hb\n\n');
    proxy.heal();
    write('lf\n\n');
    await reply.until('data: half\n\n');
  });
});

describe('cutBeforeFirstEvent()', () => {
  it('passes head, comments and id-only blocks, and nothing of the first event', async () => {
    const { proxy, write } = await streaming(': hi\n\nid: 12\n\n');
    proxy.cutBeforeFirstEvent({ path: '/stream' });
    const reply = await opened(proxy);
    write(': still\n\n');
    await reply.until('still');
    write('data: first\n\n');
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.status).toBe(200);
    expect(reply.text).toBe(': hi\n\nid: 12\n\n: still\n\n');

    const next = await opened(proxy);
    write('data: second\n\n');
    await next.until('second\n\n');
  });

  it('passes control events when it waits for others', async () => {
    const { proxy, write } = await streaming('event: hello\ndata: hi\n\n');
    proxy.cutBeforeFirstEvent({ event: /:/ });
    const reply = await opened(proxy);
    write('event: attached\ndata: {}\n\nevent: orders:created\ndata: {}\n\n');
    expect(await reply.over).toBe('ECONNRESET');
    expect(reply.text).toBe('event: hello\ndata: hi\n\nevent: attached\ndata: {}\n\n');
  });

  it('spares a stream that was open when it was set', async () => {
    const { proxy, write } = await streaming();
    const reply = await opened(proxy);
    proxy.cutBeforeFirstEvent();
    // Another rule that watches the stream must not lend it this one's cut.
    proxy.cutInsideEvent({ data: 'never' });
    write('data: first\n\n');
    await reply.until('first\n\n');
  });
});

it('a rule with a senseless number is refused and names it', async () => {
  const { proxy } = await streaming();
  expect(() => proxy.cutAfterBytes(-1)).toThrow(/bytes: -1/);
  expect(() => proxy.cutInsideEvent({ at: 2 })).toThrow(/at: 2/);
  expect(() => proxy.cutAfterBytes(1, { times: 0 })).toThrow(/times: 0/);
  expect(() => proxy.slice(4, 2, 1)).toThrow(/max: 2/);
  expect(() => proxy.latency(Number.NaN)).toThrow(/ms: NaN/);
  expect(() => proxy.respond({ status: 99 })).toThrow(/status: 99/);
  expect(() => proxy.respond({ status: 200, headers: { 'a b': '' } })).toThrow(/a b/);
  expect(() => proxy.retarget(0)).toThrow(/port: 0/);
  for (let rule = 0; rule < 256; rule++) proxy.cutAfterBytes(1, { path: '/never' });
  expect(() => proxy.cutAfterBytes(1)).toThrow(/256 rules/);
  expect(await opened(proxy).catch(codeOf)).toMatchObject({ status: 200 });
});
