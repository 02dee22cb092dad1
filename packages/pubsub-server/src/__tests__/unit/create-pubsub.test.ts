import { memory } from '@hipponot/pubsub-adapters/in-memory';
import {
  defineContract,
  defineEvent,
  PubSubError,
  type AnyContract,
  type AnyEvent,
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
  { what: 'an option nobody knows', options: { autenticate: () => null }, path: ['autenticate'] },
  {
    what: 'a key of a policy that nobody knows',
    options: { channels: { ticks: { autorize: () => false } } },
    path: ['channels', 'ticks', 'autorize'],
  },
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

test('a misspelt option is refused with the nearest that exists, or the server would be open', () => {
  const create = (options: object): (() => unknown) => {
    return () => createPubSub({ contract: plain, adapter: memory(), ...options });
  };
  expect(create({ autenticate: () => null })).toThrow(
    'createPubSub has no option "autenticate": the nearest is "authenticate".',
  );
  expect(create({ channels: { ticks: { autorize: () => false } } })).toThrow(
    'The policy for "ticks" has no option "autorize": the nearest is "authorize".',
  );
});

test('without a contract or an adapter, creation says what is missing and what to give', () => {
  const cases: [options: unknown, path: string, message: string][] = [
    [undefined, 'contract', '"contract" is missing. Give what `defineContract'],
    [{ adapter: memory() }, 'contract', '"contract" is missing.'],
    [{ adapter: memory(), contract: {} }, 'contract', '"contract" has no method "event".'],
    [{ contract: plain }, 'adapter', '"adapter" is missing. Give what e.g. `memory()`'],
    [{ contract: plain, adapter: null }, 'adapter', '"adapter" is null.'],
    [{ contract: plain, adapter: memory }, 'adapter', 'is a function that was not called.'],
    [{ contract: plain, adapter: { name: 'x' } }, 'adapter', '"adapter" has no method "start".'],
  ];
  for (const [options, path, message] of cases) {
    expect(() => createPubSub(options as never)).toThrow(
      expect.objectContaining({
        code: 'bad_options',
        path: [path],
        message: expect.stringContaining(message),
      }),
    );
  }
});

test('an unknown name is answered with those that exist, ten at most', async () => {
  const events: AnyEvent[] = Array.from({ length: 12 }, (_, n) =>
    defineEvent({ name: `f${n + 10}:did`, channel: `f${n + 10}` }),
  );
  const contract: AnyContract = defineContract({ events });
  const pubsub = createPubSub({ contract, adapter: memory() });
  const ten = (suffix: string): string =>
    Array.from({ length: 10 }, (_, n) => `"f${n + 10}${suffix}"`).join(', ');
  await expect(pubsub.publish('no:such' as never, {} as never)).rejects.toThrow(
    `The contract has no event "no:such": it has ${ten(':did')} and 2 more.`,
  );
  await expect(pubsub.history('nowhere' as never)).rejects.toThrow(
    `The contract has no channel like "nowhere": it has ${ten('')} and 2 more.`,
  );
  await pubsub.stop();
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
