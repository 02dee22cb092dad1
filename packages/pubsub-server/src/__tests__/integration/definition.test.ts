import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { defineContract, type EventDefinition } from '@hipponot/pubsub-core';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createPubSub } from '../../create-pubsub.ts';
import type { NodeHandler } from '../../server/http/node-handler.ts';
import { recordingLogger, type Logged } from '../mocks/lab.ts';

const orderCreatedSchema = z.object({ orderId: z.string(), total: z.number(), userId: z.string() });
const payload = { orderId: '42', total: 7, userId: 'ann' };

async function listen(handler: NodeHandler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/pubsub`;
}

test("the specification's own definition runs: its action answers, its event is published (§8.2)", async () => {
  const seen: unknown[] = [];
  const db = { tag: 'db' };
  const orderCreated: EventDefinition<z.infer<typeof orderCreatedSchema>, { success: boolean }> = {
    name: 'orders:created',
    channel: 'orders',
    payloadSchema: orderCreatedSchema,
    direction: 'BOTH',
    action: async (ctx, given) => {
      seen.push(ctx.services.db, given);
      return { success: true };
    },
  };
  const pubsub = createPubSub({
    contract: defineContract({ events: [orderCreated] }),
    adapter: memory(),
    services: { db, logger: console },
  });
  onTestFinished(() => pubsub.stop({ drainMs: 0 }));
  const url = await listen(pubsub.nodeHandler);
  const answer = await fetch(`${url}/emit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'orders:created', payload, id: 'e1' }),
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ id: 'e1', result: { success: true } });
  expect(seen).toEqual([db, payload]);

  await pubsub.publish('orders:created', payload, { id: 'p1' });
  await expect(pubsub.publish('orders:created', { orderId: 42 })).rejects.toMatchObject({
    code: 'bad_payload',
    path: ['payload', 'orderId'],
  });
  await expect(pubsub.publish('orders:eaten', payload)).rejects.toMatchObject({
    code: 'unknown_event',
  });
  const page = await (await fetch(`${url}/history?channel=orders`)).json();
  expect(page).toMatchObject({
    events: [
      { id: 'e1', payload },
      { id: 'p1', payload },
    ],
  });
});

test('without services an action finds the logger, and nothing that is not there', async () => {
  const logged: Logged[] = [];
  const logger = recordingLogger(logged);
  const seen: unknown[] = [];
  const pubsub = createPubSub({
    contract: defineContract({
      events: [{ name: 'lab:pinged', channel: 'lab', direction: 'CSE' } as const],
    }),
    adapter: memory(),
    logger,
    actions: { 'lab:pinged': async (ctx) => void seen.push(ctx.services) },
  });
  onTestFinished(() => pubsub.stop({ drainMs: 0 }));
  const url = await listen(pubsub.nodeHandler);
  const answer = await fetch(`${url}/emit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'lab:pinged', payload: {} }),
  });
  expect(answer.status).toBe(200);
  expect(seen).toEqual([{ logger }]);
});
