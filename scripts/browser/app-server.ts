import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memory } from '../../packages/pubsub-adapters/src/index.ts';
import { contract } from '../../packages/pubsub-server/src/__tests__/test-contract.ts';
import { createPubSub } from '../../packages/pubsub-server/src/index.ts';
import type { AppServerOptions, AppServerReply, AppServerRequest } from './app-servers.ts';

// One real pub/sub server in a process of its own, for browser tests to talk to and to kill. Its parent
// speaks over the IPC channel; when the parent is gone, so is it.
process.once('disconnect', () => process.exit());

const options = JSON.parse(process.env['APP_SERVER'] ?? '{}') as AppServerOptions;
const pubsub = createPubSub({
  contract,
  adapter: memory(),
  cors: { origins: '*' },
  ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
  channels: { orders: { retention: { maxEvents: options.maxEvents ?? 10_000 } } },
});
const server = createServer(pubsub.nodeHandler);
server.listen(options.port ?? 0, '127.0.0.1', () => {
  reply({ id: 0, value: (server.address() as AddressInfo).port });
});

process.on('message', (message) => {
  const { id, channel, texts } = message as AppServerRequest;
  publishAll(channel, texts).then(
    (value) => reply({ id, value }),
    (error: unknown) => reply({ id, error: String(error) }),
  );
});

async function publishAll(channel: string, texts: readonly string[]): Promise<number> {
  for (const text of texts) {
    if (channel === 'orders') await pubsub.publish('orders:created', { orderId: text, total: 1 });
    else
      await pubsub.publish(
        'chat:said',
        { text },
        { channel: `chat/${channel.slice('chat/'.length)}` },
      );
  }
  return texts.length;
}

function reply(message: AppServerReply): void {
  process.send?.(message);
}
