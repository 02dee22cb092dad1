import { defineContract, defineEvent, type AnyContract } from '@hipponot/pubsub-core';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { newId } from '../../../emit/new-id.ts';
import type { TapRecord } from '../../../tap.ts';
import { textOf } from '../../mocks/text-of.ts';
import { scriptedClient, type LooseClient } from '../../mocks/scripted-client.ts';

interface Lab {
  readonly client: LooseClient;
  readonly sent: unknown[];
  readonly states: string[];
}

function lab(
  answer: (body: Record<string, unknown>) => Response | Promise<Response>,
  contract?: AnyContract,
): Lab {
  const sent: unknown[] = [];
  const states: string[] = [];
  const { client } = scriptedClient({
    ...(contract && { contract }),
    fetch: async (url, init) => {
      const body = JSON.parse(textOf(init?.body)) as Record<string, unknown>;
      sent.push([textOf(url).replace('http://127.0.0.1:1', ''), body]);
      return answer(body);
    },
  });
  client.tap((record: TapRecord) => {
    if (record.type === 'emit')
      states.push(
        `${record.name} ${record.channel} ${record.state} ${record.error?.code ?? ''}`.trim(),
      );
  });
  return { client, sent, states };
}

const ack = ({ id }: Record<string, unknown>): Response =>
  Response.json({ id, duplicate: false, result: { ok: 1 }, cursor: 'e:7' });

describe('emit', () => {
  test('goes to the event’s family unless it names a channel, with an id of its own', async () => {
    const { client, sent } = lab(ack);
    await client.emit('orders:created', { total: 1 });
    await client.emit('chat:said', 'hi', { channel: 'chat/7', id: 'mine' });
    expect(sent).toEqual([
      [
        '/pubsub/emit',
        {
          id: expect.stringMatching(/^[\w-]{16,64}$/),
          name: 'orders:created',
          channel: 'orders',
          payload: { total: 1 },
        },
      ],
      ['/pubsub/emit', { id: 'mine', name: 'chat:said', channel: 'chat/7', payload: 'hi' }],
    ]);
  });

  test('resolves with the ack: id, result, position, duplicate', async () => {
    const { client, states } = lab(ack);
    expect(await client.emit('a:b', null, { id: 'x' })).toEqual({
      id: 'x',
      result: { ok: 1 },
      cursor: { epoch: 'e', offset: 7 },
      duplicate: false,
    });
    expect(states).toEqual(['a:b a sending', 'a:b a acked']);
  });

  test('of an event that is not published by itself has no position', async () => {
    const { client } = lab(({ id }) => Response.json({ id, duplicate: true }));
    expect(await client.emit('a:b', 1, { id: 'x' })).toEqual({
      id: 'x',
      duplicate: true,
      result: undefined,
      cursor: undefined,
    });
  });

  test('rejects with what the server said, down to the field', async () => {
    const issues = [{ message: 'too small', path: ['payload', 'total'] }];
    const { client, states } = lab(() =>
      Response.json(
        {
          code: 'bad_payload',
          message: 'bad',
          retryable: false,
          path: ['payload', 'total'],
          issues,
        },
        { status: 422 },
      ),
    );
    await expect(client.emit('a:b', 1)).rejects.toMatchObject({
      code: 'bad_payload',
      status: 422,
      path: ['payload', 'total'],
      issues,
    });
    expect(states).toEqual(['a:b a sending', 'a:b a rejected bad_payload']);
  });

  test('that did not get through failed, may be repeated, and is not repeated by itself', async () => {
    const { client, sent, states } = lab(() => Promise.reject(new TypeError('Load failed')));
    await expect(client.emit('a:b', 1)).rejects.toMatchObject({ code: 'network', retryable: true });
    expect([sent.length, states.at(-1)]).toEqual([1, 'a:b a failed network']);
  });

  test('given up by the caller rejects with the caller’s reason', async () => {
    const { client, states } = lab(() => new Promise<Response>(() => {}));
    const caller = new AbortController();
    const emitted = client.emit('a:b', 1, { signal: caller.signal });
    const reason = new Error('changed my mind');
    caller.abort(reason);
    await expect(emitted).rejects.toBe(reason);
    expect(states.at(-1)).toBe('a:b a failed');
  });

  test('in flight and after it ends with the client', async () => {
    const { client, sent } = lab(() => new Promise<Response>(() => {}));
    const emitted = client.emit('a:b', 1);
    client.close();
    await expect(emitted).rejects.toMatchObject({ code: 'closed' });
    await expect(client.emit('a:b', 1)).rejects.toMatchObject({ code: 'closed' });
    expect(sent).toEqual([]);
  });

  test('of a payload that does not fit the contract is not sent at all', async () => {
    const contract = defineContract({
      events: [
        defineEvent({
          name: 'a:b',
          channel: 'a',
          direction: 'BOTH',
          payloadSchema: z.object({ n: z.number() }),
        }),
      ],
    });
    const { client, sent, states } = lab(ack, contract);
    await expect(client.emit('a:b', { n: 'one' })).rejects.toMatchObject({
      code: 'bad_payload',
      path: ['payload', 'n'],
    });
    expect([sent, states]).toEqual([[], ['a:b a rejected bad_payload']]);
    await client.emit('a:b', { n: 1 });
    expect(sent).toHaveLength(1);
  });
});

describe('the id of an emit', () => {
  test('is a UUID where the page is secure, and fits the protocol where it is not', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    const ids = new Set(Array.from({ length: 1000 }, newId));
    vi.unstubAllGlobals();
    expect(ids.size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{4,64}$/);
  });
});

describe('history', () => {
  test('is a page of the log with positions', async () => {
    const asked: string[] = [];
    const { client } = scriptedClient({
      fetch: async (url) => {
        asked.push(textOf(url));
        return Response.json({
          channel: 'chat/1',
          outcome: 'gap',
          from: 'e:4',
          top: 'e:9',
          more: true,
          events: [
            {
              cursor: 'e:5',
              id: 'i',
              name: 'chat:said',
              channel: 'chat/1',
              payload: 'hi',
              timestamp: 't',
            },
          ],
        });
      },
    });
    const page = await client.history('chat/1', {
      limit: 1,
      after: { epoch: 'e', offset: 2 },
    } as object);
    expect(asked).toEqual([
      'http://127.0.0.1:1/pubsub/history?channel=chat%2F1&limit=1&after=e%3A2',
    ]);
    expect(page).toMatchObject({
      outcome: 'gap',
      from: { epoch: 'e', offset: 4 },
      top: { epoch: 'e', offset: 9 },
      more: true,
      events: [{ payload: 'hi', cursor: { epoch: 'e', offset: 5 } }],
    });
  });
});
