import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { createPubSub, type PubSub, type PubSubOptions } from '@hipponot/pubsub-server';
import { contract } from './shop-contract.ts';

export interface LiveServer {
  readonly pubsub: PubSub<typeof contract>;
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

type Options = Partial<Omit<PubSubOptions<typeof contract>, 'contract'>>;

/** The real server on the in-memory adapter, behind node:http on a free port. */
export async function startLiveServer(options: Options = {}, port = 0): Promise<LiveServer> {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const pubsub = createPubSub({ contract, adapter: memory(), logger: quiet, ...options });
  const http: Server = createServer((request, response) => pubsub.nodeHandler(request, response));
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const address = http.address() as AddressInfo;
  return {
    pubsub,
    port: address.port,
    url: `http://127.0.0.1:${address.port}/pubsub`,
    async stop() {
      const closed = new Promise((resolve) => http.close(resolve));
      await pubsub.stop({ drainMs: 0 });
      http.closeAllConnections();
      await closed;
    },
  };
}
