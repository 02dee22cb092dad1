import { describe, expect, test, vi } from 'vitest';
import type { ChannelStore } from '../../../client/pubsub-client.ts';
import { settle } from '../../mocks/fake-clock.ts';
import { textOf } from '../../mocks/text-of.ts';
import { scriptedClient, type Scripted } from '../../mocks/scripted-client.ts';

const nothing = (): void => {};
const payloads = (store: ChannelStore): unknown[] =>
  store.getSnapshot().events.map(({ payload }) => payload);

async function live(
  options: Parameters<typeof scriptedClient>[0] = {},
): Promise<Scripted & { store: ChannelStore }> {
  const scripted = scriptedClient(options);
  const store = scripted.client.channel('a');
  store.subscribe(nothing);
  await settle();
  scripted.transport.last.hello();
  scripted.transport.last.ready('a', 'e:0');
  return { ...scripted, store };
}

/** Answers `GET /history` as a server would, once it is let. */
function historyServer(): {
  fetch: typeof fetch;
  asked: string[];
  answer(events: [offset: number, payload: unknown][], epoch?: string): Promise<void>;
  fail(): Promise<void>;
} {
  const asked: string[] = [];
  const waiting: { resolve(response: Response): void; reject(error: unknown): void }[] = [];
  return {
    asked,
    fetch: (input) => {
      asked.push(textOf(input).replace('http://127.0.0.1:1/pubsub', ''));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async answer(events, epoch = 'e') {
      const body = {
        channel: 'a',
        outcome: 'ok',
        from: `${epoch}:0`,
        top: `${epoch}:${events.at(-1)?.[0] ?? 0}`,
        more: false,
        events: events.map(([offset, payload]) => ({
          cursor: `${epoch}:${offset}`,
          id: `a@${epoch}:${offset}`,
          name: 'a:happened',
          channel: 'a',
          payload,
          timestamp: '',
        })),
      };
      waiting.shift()?.resolve(Response.json(body));
      await vi.waitFor(() => settle());
    },
    async fail() {
      waiting.shift()?.reject(new TypeError('no network'));
      await vi.waitFor(() => settle());
    },
  };
}

describe('a snapshot', () => {
  test('of a channel that nobody subscribed is empty and says so, always the same object', () => {
    const { client } = scriptedClient();
    const store = client.channel('a');
    expect(store.getSnapshot()).toEqual({
      events: [],
      latest: undefined,
      status: 'unsubscribed',
      recovery: undefined,
      error: undefined,
    });
    expect(store.getSnapshot()).toBe(client.channel('b').getSnapshot());
  });

  test('is the same object until something changes, and is never mutated', async () => {
    const { store, transport } = await live();
    transport.last.event('a', 'e:1', 1);
    const one = store.getSnapshot();
    expect(store.getSnapshot()).toBe(one);
    transport.last.event('a', 'e:2', 2);
    expect(one.events).toHaveLength(1);
    expect(store.getSnapshot()).not.toBe(one);
    expect(store.getSnapshot().latest).toBe(store.getSnapshot().events[1]);
  });

  test('holds the newest `limit` events, 100 unless told otherwise', async () => {
    const { client, store, transport } = await live();
    const few = client.channel('a', { limit: 3 });
    few.subscribe(nothing);
    for (let n = 1; n <= 350; n += 1) transport.last.event('a', `e:${n}`, n);
    expect(payloads(few)).toEqual([348, 349, 350]);
    expect([payloads(store).length, payloads(store)[0]]).toEqual([100, 251]);
  });

  test('advances at once, and tells listeners once a turn however many events came', async () => {
    const { store, transport } = await live();
    await settle();
    const told = vi.fn();
    store.subscribe(told);
    for (let n = 1; n <= 1000; n += 1) {
      transport.last.event('a', `e:${n}`, n);
      expect(told).not.toHaveBeenCalled();
    }
    expect(store.getSnapshot().latest?.payload).toBe(1000);
    await settle();
    expect(told).toHaveBeenCalledTimes(1);
  });

  test('is told of by the schedule that the client was given', async () => {
    const flushes: (() => void)[] = [];
    const { store, transport } = await live({ schedule: (flush) => flushes.push(flush) });
    for (const flush of flushes.splice(0)) flush();
    const told = vi.fn();
    store.subscribe(told);
    transport.last.event('a', 'e:1', 1);
    transport.last.event('a', 'e:2', 2);
    expect([flushes.length, told.mock.calls.length]).toEqual([1, 0]);
    flushes[0]?.();
    expect(told).toHaveBeenCalledTimes(1);
  });
});

describe('the subscription of a channel', () => {
  test('is shared by all stores of the address', async () => {
    const { client, transport } = await live();
    client.channel('a', { history: 5 }).subscribe(nothing);
    client.channel('a').listen({});
    await settle();
    expect(transport.streams).toHaveLength(1);
  });

  test('goes on where it was when a listener is back within the grace delay', async () => {
    const { client, clock, transport } = scriptedClient({ graceMs: 500 });
    const store = client.channel('a');
    const leave = store.subscribe(nothing);
    await settle();
    transport.last.hello();
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    leave();
    await clock.advance(499);
    transport.last.event('a', 'e:2', 2);
    const again = store.subscribe(nothing);
    await clock.advance(5000);
    expect([payloads(store), transport.streams.length]).toEqual([[1, 2], 1]);
    again();
    await clock.advance(500);
    expect(store.getSnapshot().status).toBe('unsubscribed');
    store.subscribe(nothing);
    await settle();
    expect(transport.last.request.channels).toEqual([
      { channel: 'a', cursor: undefined, history: undefined },
    ]);
    expect(payloads(store)).toEqual([]);
  });

  test('is left once, however often its undo is called', async () => {
    const { client, clock, transport } = scriptedClient({ graceMs: 0 });
    const store = client.channel('a');
    const leave = store.subscribe(nothing);
    store.subscribe(nothing);
    leave();
    leave();
    await clock.advance(10);
    expect(transport.openCount).toBe(1);
  });

  test('the same listener twice is two listeners', async () => {
    const { store, transport } = await live();
    await settle();
    const told = vi.fn();
    const leave = store.subscribe(told);
    store.subscribe(told);
    transport.last.event('a', 'e:1');
    await settle();
    leave();
    transport.last.event('a', 'e:2');
    await settle();
    expect(told).toHaveBeenCalledTimes(3);
  });

  test('of an illegal address is refused where it is asked for, before it can spoil the set', () => {
    const { client } = scriptedClient();
    for (const address of ['', 'a b', 'a//b', '__proto__', 'a/../b', 'x'.repeat(300)]) {
      expect(() => client.channel(address)).toThrowError(
        expect.objectContaining({ code: 'bad_channel' }),
      );
    }
  });

  test('names that objects know are channels like any other', async () => {
    const { client, transport } = scriptedClient();
    for (const channel of ['constructor', 'toString', 'hasOwnProperty'])
      client.channel(channel).subscribe(nothing);
    await settle();
    transport.last.hello();
    transport.last.ready('constructor', 'e:0');
    transport.last.event('constructor', 'e:1', { ['__proto__']: { polluted: true } });
    expect(transport.last.channels).toEqual(['constructor', 'toString', 'hasOwnProperty']);
    expect(client.channel('constructor').getSnapshot().status).toBe('live');
    expect({}).not.toHaveProperty('polluted');
  });

  test('over what one stream carries waits with an error of its own, and moves up when another leaves', async () => {
    const { client, clock, transport } = scriptedClient({ graceMs: 0 });
    const leave = client.channel('a').subscribe(nothing);
    await settle();
    transport.last.hello({ limits: { channels: 2, eventBytes: 1000 } });
    transport.last.ready('a', 'e:0');
    client.channel('b').subscribe(nothing);
    client.channel('c').subscribe(nothing);
    await settle();
    expect(transport.last.channels).toEqual(['a', 'b']);
    expect(client.channel('c').getSnapshot()).toMatchObject({
      status: 'error',
      error: { code: 'too_many_channels' },
    });
    transport.last.hello({ limits: { channels: 2, eventBytes: 1000 } });
    transport.last.ready('a', 'e:0', { outcome: 'recovered' });
    transport.last.ready('b', 'e:0');
    leave();
    await clock.advance(5);
    expect(transport.last.channels).toEqual(['b', 'c']);
    transport.last.hello();
    transport.last.ready('c', 'e:0');
    expect(client.channel('c').getSnapshot()).toMatchObject({ status: 'live', error: undefined });
  });
});

describe('history', () => {
  test('comes with the stream for the first stores: the most that any of them wants', async () => {
    const { client, transport } = scriptedClient();
    const [none, two, four] = [0, 2, 4].map((history) => client.channel('a', { history }));
    const heard: unknown[] = [];
    none?.listen({ onEvent: ({ payload }) => heard.push(payload) });
    two?.subscribe(nothing);
    four?.subscribe(nothing);
    await settle();
    expect(transport.last.request.channels).toEqual([
      { channel: 'a', cursor: undefined, history: 4 },
    ]);
    transport.last.hello();
    transport.last.attached('a', 'e:5', { top: 'e:8' });
    for (const n of [6, 7, 8]) transport.last.event('a', `e:${n}`, n);
    // Published while the server read the log: no history.
    transport.last.event('a', 'e:9', 9);
    transport.last.live('a', 'e:9', 4);
    transport.last.event('a', 'e:10', 10);
    expect([none, two, four].map((store) => store && payloads(store))).toEqual([
      [9, 10],
      [7, 8, 9, 10],
      [6, 7, 8, 9, 10],
    ]);
    expect(heard).toEqual([9, 10]);
  });

  test.each([
    [50_000, 1000],
    [Infinity, 1000],
    [2.7, 2],
    [-3, undefined],
    [Number.NaN, undefined],
  ])(
    'of %d is asked for as %s: what a server refuses would end the stream',
    async (history, asked) => {
      const { client, transport } = scriptedClient();
      client.channel('a', { history }).subscribe(nothing);
      await settle();
      expect(transport.last.request.channels[0]?.history).toBe(asked);
    },
  );

  test('a store that comes later sees what is held, as much as it wants of it', async () => {
    const { client, transport } = await live();
    for (const n of [1, 2, 3, 4]) transport.last.event('a', `e:${n}`, n);
    const late = client.channel('a', { history: 2 });
    const without = client.channel('a');
    // What it would show if it were subscribed, before it is.
    expect([payloads(late), payloads(without)]).toEqual([[3, 4], []]);
    late.subscribe(nothing);
    without.subscribe(nothing);
    transport.last.event('a', 'e:5', 5);
    expect([payloads(late), payloads(without)]).toEqual([[3, 4, 5], [5]]);
  });

  test('a store that wants more than is held gets it by a request, in front and without doubles', async () => {
    const server = historyServer();
    const { client, store, transport } = await live({ fetch: server.fetch });
    for (const n of [11, 12]) transport.last.event('a', `e:${n}`, n);
    const late = client.channel('a', { history: 4 });
    const heard: unknown[] = [];
    late.listen({ onEvent: ({ payload }) => heard.push(payload) });
    await settle();
    expect(server.asked).toEqual(['/history?channel=a&limit=4']);
    transport.last.event('a', 'e:13', 13);
    // The page was read later than the stream: it holds what is here already, and what is still to come.
    await server.answer([
      [9, 9],
      [10, 10],
      [11, 11],
      [12, 12],
      [13, 13],
      [14, 14],
    ]);
    transport.last.event('a', 'e:14', 14);
    expect(payloads(late)).toEqual([9, 10, 11, 12, 13, 14]);
    expect(late.getSnapshot().events[0]?.meta).toEqual({ replayed: true });
    expect(heard).toEqual([13, 14]);
    expect(payloads(store)).toEqual([11, 12, 13, 14]);
  });

  test('of another log than the one that flows is not mixed in', async () => {
    const server = historyServer();
    const { client, transport } = await live({ fetch: server.fetch });
    transport.last.event('a', 'e:1', 1);
    const late = client.channel('a', { history: 4 });
    late.subscribe(nothing);
    await settle();
    await server.answer([[1, 'foreign']], 'f');
    expect(payloads(late)).toEqual([1]);
  });

  test('that cannot be had is told, and asked for again when the channel is attached anew', async () => {
    const server = historyServer();
    const { client, clock, transport } = await live({ fetch: server.fetch });
    const late = client.channel('a', { history: 4 });
    const errors: string[] = [];
    late.listen({ onError: ({ code }) => errors.push(code) });
    await settle();
    await server.fail();
    expect([errors, late.getSnapshot().error?.code]).toEqual([['network'], 'network']);
    transport.last.end();
    await clock.advance(1000);
    transport.last.hello();
    transport.last.ready('a', 'e:0', { outcome: 'recovered' });
    await settle();
    expect(server.asked).toHaveLength(2);
  });

  test('wanted by a store that came between the request and the attach is fetched after it', async () => {
    const server = historyServer();
    const { client, transport } = scriptedClient({ fetch: server.fetch });
    client.channel('a', { history: 1 }).subscribe(nothing);
    await settle();
    const late = client.channel('a', { history: 3 });
    late.subscribe(nothing);
    transport.last.hello();
    transport.last.attached('a', 'e:8', { top: 'e:9' });
    transport.last.event('a', 'e:9', 9);
    await settle();
    expect(server.asked).toEqual([]);
    transport.last.live('a', 'e:9', 1);
    await settle();
    expect(server.asked).toEqual(['/history?channel=a&limit=3']);
    await server.answer([
      [7, 7],
      [8, 8],
      [9, 9],
    ]);
    expect(payloads(late)).toEqual([7, 8, 9]);
  });

  test('after a reset is that of the new log', async () => {
    const { client, clock, transport } = scriptedClient();
    const store = client.channel('a', { history: 2 });
    store.subscribe(nothing);
    await settle();
    transport.last.hello();
    transport.last.attached('a', 'e:0', { top: 'e:1' });
    transport.last.event('a', 'e:1', 'old');
    transport.last.live('a', 'e:1', 1);
    transport.last.end();
    await clock.advance(1000);
    transport.last.hello();
    expect(transport.last.request.channels).toEqual([{ channel: 'a', cursor: 'e:1', history: 2 }]);
    transport.last.attached('a', 'f:0', { outcome: 'reset', reason: 'recreated', top: 'f:1' });
    transport.last.event('a', 'f:1', 'new');
    transport.last.live('a', 'f:1', 1);
    expect(payloads(store)).toEqual(['new']);
  });
});
