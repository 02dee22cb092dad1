import { memory } from '@hipponot/pubsub-adapters/in-memory';
import {
  defineContract,
  defineEvent,
  PubSubError,
  type AnyContract,
  type EventDefinition,
} from '@hipponot/pubsub-core';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createPubSub } from '../../create-pubsub.ts';

const plain = defineContract({ events: [defineEvent({ name: 'ticks:ticked', channel: 'ticks' })] });

const wrong: {
  what: string;
  options: object;
  contract?: AnyContract;
  path: (string | number)[];
}[] = [
  { what: 'a limit of zero', options: { limits: { streams: 0 } }, path: ['limits', 'streams'] },
  {
    what: 'a limit that is no number',
    options: { limits: { channels: '5' } },
    path: ['limits', 'channels'],
  },
  { what: 'a limit nobody knows', options: { limits: { strams: 5 } }, path: ['limits', 'strams'] },
  { what: 'a negative heartbeat', options: { heartbeatMs: -1 }, path: ['heartbeatMs'] },
  { what: 'an endless window', options: { emitWindowMs: Infinity }, path: ['emitWindowMs'] },
  {
    what: 'a life that is no number',
    options: { streamLifeMs: Number.NaN },
    path: ['streamLifeMs'],
  },
  { what: 'a base path without its slash', options: { basePath: 'pubsub' }, path: ['basePath'] },
  {
    what: 'a policy for no channel',
    options: { channels: { tocks: {} } },
    path: ['channels', 'tocks'],
  },
  {
    what: 'a policy for an address',
    options: { channels: { 'ticks/1': {} } },
    path: ['channels', 'ticks/1'],
  },
  {
    what: 'an action for no event',
    options: { actions: { 'ticks:eaten': async () => undefined } },
    path: ['actions', 'ticks:eaten'],
  },
  {
    what: 'an action that never runs',
    options: { actions: { 'ticks:ticked': async () => undefined } },
    path: ['actions', 'ticks:ticked'],
  },
  {
    what: 'a client-to-server event without an action',
    contract: defineContract({
      events: [defineEvent({ name: 'chat:typing', channel: 'chat', direction: 'CSE' })],
    }),
    options: {},
    path: ['actions', 'chat:typing'],
  },
  {
    what: 'an action that is no function',
    contract: defineContract({
      events: [defineEvent({ name: 'chat:said', channel: 'chat', direction: 'BOTH' })],
    }),
    options: { actions: { 'chat:said': 'later' } },
    path: ['actions', 'chat:said'],
  },
];

test.for(wrong)('$what is refused at creation', ({ options, contract = plain, path }) => {
  const create = (): unknown => createPubSub({ contract, adapter: memory(), ...options });
  expect(create).toThrow(PubSubError);
  expect(create).toThrow(expect.objectContaining({ code: 'bad_options', path }));
});

test('an action in the definition serves, and one bound on the server takes its place', async () => {
  const inline = vi.fn<() => Promise<{ from: string }>>(async () => ({ from: 'definition' }));
  const contract = defineContract({
    events: [
      defineEvent({
        name: 'lab:pinged',
        channel: 'lab',
        direction: 'CSE',
        resultSchema: z.object({ from: z.string() }),
        action: inline,
      }),
    ],
  });
  const plainPubsub = createPubSub({ contract, adapter: memory() });
  const bound = createPubSub({
    contract,
    adapter: memory(),
    actions: { 'lab:pinged': async () => ({ from: 'server' }) },
  });
  const action = (pubsub: typeof bound) => pubsub['~server'].emitting.actions.get('lab:pinged')!;
  const ctx = {} as never;
  expect(await action(plainPubsub)(ctx, undefined)).toEqual({ from: 'definition' });
  expect(await action(bound)(ctx, undefined)).toEqual({ from: 'server' });
});

test('an action in a definition needs the services that its type promises', () => {
  const spec: EventDefinition<unknown, { success: boolean }> = {
    name: 'spec:created',
    channel: 'spec',
    direction: 'BOTH',
    action: async (ctx) => ({ success: 'db' in ctx.services }),
  };
  const contract = defineContract({ events: [spec] });
  const create =
    (services?: object): (() => unknown) =>
    () =>
      createPubSub({ contract, adapter: memory(), ...(services ? { services } : {}) });
  for (const [services, missing] of [
    [undefined, 'db'],
    [{ logger: console }, 'db'],
    [{ db: {} }, 'logger'],
  ] as const) {
    expect(create(services)).toThrow(
      expect.objectContaining({
        code: 'bad_options',
        path: ['services', missing],
        message: expect.stringContaining(`"spec:created" is promised ctx.services.${missing}`),
      }),
    );
  }
  expect(create({ db: {}, logger: console })).not.toThrow();
});

test('an asynchronous schema validates on publish', async () => {
  const contract = defineContract({
    events: [
      defineEvent({
        name: 'ticks:ticked',
        channel: 'ticks',
        payloadSchema: z.object({ n: z.number().refine(async (n) => n > 0, 'must be positive') }),
      }),
    ],
  });
  const pubsub = createPubSub({ contract, adapter: memory() });
  await expect(pubsub.publish('ticks:ticked', { n: -1 })).rejects.toMatchObject({
    code: 'bad_payload',
    message: 'payload.n: must be positive',
    path: ['payload', 'n'],
  });
  expect((await pubsub.publish('ticks:ticked', { n: 1 })).cursor.offset).toBe(1);
  await pubsub.stop();
});

test('publishes made one after another without awaiting keep their order', async () => {
  const pubsub = createPubSub({ contract: plain, adapter: memory() });
  const receipts = await Promise.all(
    Array.from({ length: 20 }, (_, n) => pubsub.publish('ticks:ticked', n)),
  );
  expect(receipts.map(({ cursor }) => cursor.offset)).toEqual(
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  await pubsub.stop();
});
