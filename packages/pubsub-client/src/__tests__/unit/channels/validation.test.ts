import { defineContract, defineEvent, type AnyContract } from '@hipponot/pubsub-core';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { settle } from '../../mocks/fake-clock.ts';
import { scriptedClient } from '../../mocks/scripted-client.ts';

const contract = defineContract({
  events: [
    defineEvent({
      name: 'a:happened',
      channel: 'a',
      payloadSchema: z.object({ items: z.array(z.object({ total: z.number() })) }),
    }),
  ],
}) as unknown as AnyContract;

const good = { items: [{ total: 1 }] };
const bad = { items: [{ total: 1 }, { total: 'much' }] };

async function hear(options: {
  contract?: AnyContract;
  validation?: 'skip' | 'pass';
}): Promise<unknown[]> {
  const { client, transport } = scriptedClient(options);
  const heard: unknown[] = [];
  client.tap((record) => {
    if (record.type === 'delivery') heard.push(record.disposition);
  });
  const store = client.channel('a');
  store.listen({
    onEvent: ({ payload }) => heard.push(payload),
    onError: ({ code, path }) => heard.push(`${code} at ${path?.join('.')}`),
  });
  await settle();
  transport.last.hello();
  transport.last.ready('a', 'e:0');
  transport.last.event('a', 'e:1', good);
  transport.last.event('a', 'e:2', bad);
  transport.last.event('a', 'e:3', good);
  transport.last.event('a', 'e:2', bad);
  return [
    ...heard,
    store.getSnapshot().events.length,
    store.getSnapshot().status,
    store.getSnapshot().error?.code,
  ];
}

const fault = 'bad_payload at payload.items.1.total';

describe('an event that does not fit its schema', () => {
  test('is told with its path and left out; the position passes it, the stream lives', async () => {
    expect(await hear({ contract })).toEqual([
      'applied',
      good,
      'invalid',
      fault,
      'applied',
      good,
      'duplicate',
      2,
      'live',
      'bad_payload',
    ]);
  });

  test('is told and delivered all the same under `pass`', async () => {
    expect(await hear({ contract, validation: 'pass' })).toEqual([
      'applied',
      good,
      'invalid',
      fault,
      'applied',
      bad,
      'applied',
      good,
      'duplicate',
      3,
      'live',
      'bad_payload',
    ]);
  });

  test('is nobody’s business without the contract', async () => {
    expect(await hear({})).toEqual([
      'applied',
      good,
      'applied',
      bad,
      'applied',
      good,
      'duplicate',
      3,
      'live',
      undefined,
    ]);
  });
});
