import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { EventSource } from 'eventsource';
import { expect, onTestFinished, test } from 'vitest';
import { startLab, tick } from '../mocks/lab.ts';
import { Changes } from '../mocks/changes.ts';
import { range } from '../mocks/stream-client.ts';

interface Seen {
  readonly source: EventSource;
  /** `ticks 1`, `tocks 1`, … as `onmessage` got them. */
  readonly events: string[];
  readonly types: string[];
  readonly until: (condition: () => boolean) => Promise<void>;
}

test('a plain EventSource over two channels is cut again and again, and sees each event once', async () => {
  const { pubsub, url } = await startLab();
  const link = await startLink(url);
  const seen = follow(`${link.url}/stream?channel=ticks&channel=tocks`);
  await seen.until(() => seen.types.filter((type) => type === 'live').length === 2);

  for (let round = 0; round < 5; round += 1) {
    await tick(pubsub, round * 2 + 1);
    await seen.until(() => seen.events.includes(`ticks ${round * 2 + 1}`));
    link.cut();
    // While it is away, on both channels.
    await tick(pubsub, round * 2 + 2);
    await pubsub.publish('tocks:tocked', { n: round + 1 });
    await seen.until(
      () =>
        seen.events.includes(`ticks ${round * 2 + 2}`) &&
        seen.events.includes(`tocks ${round + 1}`),
    );
  }
  expect(seen.events.filter((each) => each.startsWith('ticks'))).toEqual(
    range(1, 10).map((n) => `ticks ${n}`),
  );
  expect(seen.events.filter((each) => each.startsWith('tocks'))).toEqual(
    range(1, 5).map((n) => `tocks ${n}`),
  );
  expect(link.connections()).toBe(6);
});

test('one that is cut before its first event resumes from where it attached', async () => {
  const { pubsub, url } = await startLab();
  await tick(pubsub, 1, 3);
  const link = await startLink(url);
  const seen = follow(`${link.url}/stream?channel=ticks&channel=tocks`);
  await seen.until(() => seen.types.filter((type) => type === 'live').length === 2);
  expect(seen.events).toEqual([]);

  link.cut();
  await tick(pubsub, 4, 6);
  await seen.until(() => seen.events.length === 3);
  expect(seen.events).toEqual(['ticks 4', 'ticks 5', 'ticks 6']);
  expect(seen.types.filter((type) => type === 'attached')).toHaveLength(4);
});

test('one that is drained by the server comes back to the next one with a reset', async () => {
  const first = await startLab();
  const link = await startLink(first.url);
  const seen = follow(`${link.url}/stream?channel=ticks&history=1`);
  await seen.until(() => seen.types.includes('live'));
  await tick(first.pubsub, 1);
  await seen.until(() => seen.events.length === 1);
  await first.close();

  const second = await startLab();
  await tick(second.pubsub, 7, 8);
  link.pointAt(second.url);
  await seen.until(() => seen.events.length === 2);
  expect(seen.events).toEqual(['ticks 1', 'ticks 8']);
  expect(seen.types).toContain('drain');
});

function follow(url: string): Seen {
  const source = new EventSource(url, {
    // The server asks for seconds of patience; tests have none. It stands where the browser reads `retry:`.
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const body = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(
        new TransformStream<string, string>({
          transform: (chunk, controller) =>
            controller.enqueue(chunk.replaceAll(/^retry: \d+$/gm, 'retry: 1')),
        }),
      );
      return new Response(body?.pipeThrough(new TextEncoderStream()), response);
    },
  });
  const events: string[] = [];
  const types: string[] = [];
  const changes = new Changes();
  source.addEventListener('message', ({ data }) => {
    const { channel, payload } = JSON.parse(data) as { channel: string; payload: { n: number } };
    events.push(`${channel} ${payload.n}`);
    changes.notify();
  });
  for (const type of ['attached', 'live', 'gap', 'denied', 'drain']) {
    source.addEventListener(type, () => {
      types.push(type);
      changes.notify();
    });
  }
  onTestFinished(() => source.close());
  const until = (condition: () => boolean): Promise<void> => changes.until(condition);
  return { source, events, types, until };
}

/** A wire to the server that can be cut. */
async function startLink(target: string) {
  let to = new URL(target);
  let count = 0;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    count += 1;
    const far = connect(Number(to.port), to.hostname);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('error', () => undefined);
      from.once('close', () => {
        open.delete(from);
        into.destroy();
      });
      from.pipe(into);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => open.forEach((socket) => void socket.destroy());
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${to.pathname}`,
    cut,
    connections: () => count,
    pointAt: (next: string) => {
      to = new URL(next);
    },
  };
}
