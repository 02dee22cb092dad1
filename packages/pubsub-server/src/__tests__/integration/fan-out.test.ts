import type { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLab, type Lab } from '../mocks/lab.ts';
import { numbers, openStream, range, subscribe } from '../mocks/stream-client.ts';

test('one event is serialised once and written once per subscriber, the same bytes for all', async () => {
  const lab = await startLab();
  const writes = watchWrites(lab);
  const clients = await Promise.all(range(1, 40).map(() => subscribe(lab.url, ['ticks'])));
  writes.clear();

  const stringify = vi.spyOn(JSON, 'stringify');
  onTestFinished(() => stringify.mockRestore());
  await lab.pubsub.publish('ticks:ticked', { n: 1 });
  await Promise.all(clients.map((client) => client.until(() => client.events().length === 1)));

  // The test runner serialises things of its own.
  const envelopes = stringify.mock.calls.filter(([value]) =>
    Object.hasOwn(Object(value), 'payload'),
  );
  expect(envelopes).toHaveLength(1);
  expect([...writes.values()].map((chunks) => chunks.length)).toEqual(range(1, 40).map(() => 1));
  expect(new Set([...writes.values()].flat()).size).toBe(1);
});

test('all frames of one turn leave in one write per client; the same set shares the merged bytes', async () => {
  const lab = await startLab();
  const writes = watchWrites(lab);
  const ticks = await Promise.all(range(1, 10).map(() => subscribe(lab.url, ['ticks'])));
  const both = await Promise.all(range(1, 10).map(() => subscribe(lab.url, ['ticks', 'tocks'])));
  const plain = await openStream(`${lab.url}/stream?channel=tocks&channel=ticks`);
  await plain.until(() => plain.control('live').length === 2);
  writes.clear();

  await Promise.all(
    range(1, 10).flatMap((n) => [
      lab.pubsub.publish('ticks:ticked', { n }),
      lab.pubsub.publish('tocks:tocked', { n }),
    ]),
  );
  await Promise.all([
    ...ticks.map((client) => client.until(() => client.events().length === 10)),
    ...[...both, plain].map((client) => client.until(() => client.events().length === 20)),
  ]);

  expect([...writes.values()].map((chunks) => chunks.length)).toEqual(range(1, 21).map(() => 1));
  // One buffer for those on ticks, one for those on both, one for the plain client with its ids.
  expect(new Set([...writes.values()].flat()).size).toBe(3);
  for (const client of ticks) expect(numbers(client)).toEqual(range(1, 10));
});

test('a replay sends the bytes that were made for live delivery', async () => {
  const lab = await startLab();
  const writes = watchWrites(lab);
  await subscribe(lab.url, ['ticks']);
  await lab.pubsub.publish('ticks:ticked', { n: 1 });
  const stringify = vi.spyOn(Buffer, 'from');
  onTestFinished(() => stringify.mockRestore());

  await subscribe(lab.url, [{ channel: 'ticks', history: 1 }]);
  const encoded = stringify.mock.calls.filter(
    ([text]) => typeof text === 'string' && text.includes('ticks:ticked'),
  );
  expect(encoded).toEqual([]);
  expect(writes.size).toBe(2);
});

test('heartbeats come from one timer, and carry the position for plain clients', async () => {
  const intervals = vi.spyOn(globalThis, 'setInterval');
  onTestFinished(() => intervals.mockRestore());
  const { url } = await startLab({ heartbeatMs: 60 });
  const before = intervals.mock.calls.length;
  const clients = await Promise.all(range(1, 10).map(() => subscribe(url, ['ticks'])));
  const plain = await openStream(`${url}/stream?channel=ticks`);
  await Promise.all(
    [...clients, plain].map((client) =>
      client.until(() => client.control('heartbeat').length >= 2),
    ),
  );

  // One for the adapter's own sweep at most, one for all heartbeats.
  expect(intervals.mock.calls.slice(before).filter(([, ms]) => ms === 4)).toHaveLength(1);
  expect(plain.text()).toMatch(/event: heartbeat\ndata: \{\}\n\nid: 1~\w+~[\w-]+:0\n\n/);
  expect(clients[0]?.text()).not.toContain('id: ');
});

test('a wrapped response, as compression makes it, is written through its wrapper', async () => {
  const wrapped: string[] = [];
  const lab = await startLab({
    wrap: (handler) => (request, response) => {
      const write = response.write.bind(response);
      response.write = ((chunk: Buffer) => {
        wrapped.push(chunk.toString());
        return write(chunk);
      }) as typeof response.write;
      handler(request, response);
    },
  });
  const client = await subscribe(lab.url, ['ticks']);
  await lab.pubsub.publish('ticks:ticked', { n: 1 });
  await client.until(() => client.events().length === 1);
  expect(wrapped.at(-1)).toMatch(/^data: \{"cursor":/);
});

/** What each server socket was given since the last `clear`. */
function watchWrites({ server }: Lab): Map<Socket, unknown[]> {
  const writes = new Map<Socket, unknown[]>();
  server.on('connection', (socket: Socket) => {
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      writes.set(socket, [...(writes.get(socket) ?? []), args[0]]);
      return write(...args);
    };
  });
  return writes;
}
