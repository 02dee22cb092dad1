// A process of its own that serves, stops, and prints what is left: the test runner's handles would
// stand among ours. It must also end by itself.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { createPubSub } from '../../create-pubsub.ts';
import { contract } from '../test-contract.ts';

const timers = new Set<unknown>();
for (const [set, clear] of [
  ['setTimeout', 'clearTimeout'],
  ['setInterval', 'clearInterval'],
] as const) {
  const [start, stop] = [globalThis[set], globalThis[clear]];
  // Unreferenced ones too, which no list of active resources shows.
  Object.assign(globalThis, {
    [set]: (task: () => void, ms?: number) => {
      const timer = start(() => {
        if (set === 'setTimeout') timers.delete(timer);
        task();
      }, ms);
      timers.add(timer);
      return timer;
    },
    [clear]: (timer: NodeJS.Timeout | undefined) => {
      timers.delete(timer);
      stop(timer);
    },
  });
}

const pubsub = createPubSub({ contract, adapter: memory() });
const server = createServer(pubsub.nodeHandler);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

const streams = await Promise.all(Array.from({ length: 10 }, () => openLive()));
await pubsub.publish('orders:shipped', { orderId: '1' });
const during = timers.size;
await pubsub.stop({ drainMs: 20 });
await Promise.all(streams.map(({ ended }) => ended));
await new Promise((resolve) => server.close(resolve));
const handles = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name));
// Sockets take a few turns to close.
for (let turn = 0; turn < 1000 && handles().length > 0; turn += 1) {
  await new Promise((resolve) => setImmediate(resolve));
}
const left = handles();
process.stdout.write(JSON.stringify({ during, timers: timers.size, left }));

/** Resolves when the stream is live on both channels. */
function openLive(): Promise<{ readonly ended: Promise<void> }> {
  return new Promise((resolve) => {
    const path = '/pubsub/stream?channel=orders&channel=chat/1';
    request({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      let text = '';
      const ended = new Promise<void>((end) => response.once('close', end));
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.split('event: live').length === 3) resolve({ ended });
      });
    }).end();
  });
}
