// Run as a process of its own: it makes a client, brings it into a state, closes it, and must then end by
// itself. What is left open would keep it alive.
import { createClient } from '@hipponot/pubsub-client';
import { createEmitter } from '@hipponot/pubsub-client/optimistic';
import type { contract } from './shop-contract.ts';

const [, , url = '', state = ''] = process.argv;

const client = createClient<typeof contract>({ url, graceMs: 60_000 });
const orders = client.channel('orders', { history: 5 });

function reached(is: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (is()) resolve();
    };
    client.connection.subscribe(check);
    orders.subscribe(check);
    check();
  });
}

switch (state) {
  case 'connected':
    await reached(() => orders.getSnapshot().status === 'live');
    break;
  case 'connecting':
    await reached(() => client.connection.getSnapshot().state === 'connecting');
    break;
  case 'waiting':
    await reached(
      () =>
        'retryAt' in client.connection.getSnapshot() &&
        client.connection.getSnapshot().state === 'connecting',
    );
    break;
  case 'in the grace delay':
    await reached(() => orders.getSnapshot().status === 'live');
    client.channel('chat/1').subscribe(() => {})();
    break;
  case 'emitting':
    await reached(() => orders.getSnapshot().status === 'live');
    createEmitter(client, 'chat:said', { channel: 'chat/1' }).emit({ text: 'hi' });
    client.history('orders').catch(() => {});
    break;
  default:
    throw new Error(`No such state: ${state}`);
}
client.close();
console.log('closed');
