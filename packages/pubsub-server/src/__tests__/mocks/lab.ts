import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { memory } from '@hipponot/pubsub-adapters/in-memory';
import {
  defineContract,
  defineEvent,
  type Logger,
  type PubSubAdapter,
} from '@hipponot/pubsub-core';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createPubSub } from '../../create-pubsub.ts';
import type { PubSubOptions } from '../../pubsub-options.ts';
import type { PubSub } from '../../pubsub.ts';

export const contract = defineContract({
  events: [
    defineEvent({
      name: 'orders:created',
      channel: 'orders',
      direction: 'BOTH',
      payloadSchema: z.object({ orderId: z.string(), total: z.number().default(0) }),
      resultSchema: z.object({ success: z.boolean() }),
    }),
    defineEvent({
      name: 'orders:shipped',
      channel: 'orders',
      payloadSchema: z.object({ orderId: z.string() }),
    }),
    defineEvent({
      name: 'orders:cancelled',
      channel: 'orders',
      direction: 'BOTH',
      payloadSchema: z.object({ orderId: z.string() }),
    }),
    defineEvent({
      name: 'orders:noted',
      channel: 'orders/:id',
      payloadSchema: z.object({ items: z.array(z.object({ text: z.string() })) }),
    }),
    defineEvent({
      name: 'chat:said',
      channel: 'chat/:room',
      direction: 'BOTH',
      payloadSchema: z.object({ text: z.string() }),
    }),
    defineEvent({
      name: 'chat:typing',
      channel: 'chat/:room',
      direction: 'CSE',
      payloadSchema: z.object({ on: z.boolean() }),
    }),
    defineEvent({
      name: 'ticks:ticked',
      channel: 'ticks',
      payloadSchema: z.object({ n: z.number() }),
    }),
    defineEvent({
      name: 'tocks:tocked',
      channel: 'tocks',
      payloadSchema: z.object({ n: z.number() }),
    }),
  ],
});

export type LabContract = typeof contract;
export type LabOptions = Partial<PubSubOptions<LabContract, { readonly tag: string }>> & {
  /** Wraps the handler, to look at requests and answers. */
  readonly wrap?: (
    handler: PubSub<LabContract>['nodeHandler'],
  ) => (request: IncomingMessage, response: ServerResponse) => void;
};

/** What a logger was told. */
export interface Logged {
  readonly level: keyof Logger;
  readonly message: string;
  readonly details: readonly unknown[];
}

export interface Lab {
  readonly pubsub: PubSub<LabContract>;
  readonly adapter: PubSubAdapter;
  readonly server: Server;
  /** Of the base path: `http://127.0.0.1:1234/pubsub`. */
  readonly url: string;
  readonly logged: Logged[];
  /** Open sockets of the server. */
  readonly sockets: Set<Socket>;
  readonly close: () => Promise<void>;
}

/** A server on a free port, gone when the test ends. */
export async function startLab({ wrap, ...options }: LabOptions = {}): Promise<Lab> {
  const adapter = options.adapter ?? memory();
  const logged: Logged[] = [];
  const pubsub = createPubSub<LabContract, { readonly tag: string }>({
    contract,
    services: { tag: 'lab' },
    logger: recordingLogger(logged),
    ...options,
    adapter,
    actions: {
      'orders:created': async () => ({ success: true }),
      'chat:typing': async () => undefined,
      ...options.actions,
    },
  });
  const server = createServer(wrap ? wrap(pubsub.nodeHandler) : pubsub.nodeHandler);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      await pubsub.stop({ drainMs: 0 });
      const down = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await down;
    })();
    return closed;
  };
  onTestFinished(close);
  return {
    pubsub,
    adapter,
    server,
    url: `http://127.0.0.1:${port}/pubsub`,
    logged,
    sockets,
    close,
  };
}

export function recordingLogger(logged: Logged[]): Logger {
  const at =
    (level: keyof Logger) =>
    (message: string, ...details: unknown[]): void => {
      logged.push({ level, message, details });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Publishes `ticks:ticked` with the numbers `from` to `to`, one after another. */
export async function tick(pubsub: PubSub<LabContract>, from: number, to = from): Promise<void> {
  for (let n = from; n <= to; n += 1) await pubsub.publish('ticks:ticked', { n });
}
