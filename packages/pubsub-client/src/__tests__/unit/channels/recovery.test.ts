import type { AnyContract } from '@hipponot/pubsub-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ClientOptions } from '../../../client/client-options.ts';
import type { TapRecord } from '../../../tap.ts';
import { settle } from '../../mocks/fake-clock.ts';
import { scriptedClient, type Scripted } from '../../mocks/scripted-client.ts';
import type { ScriptedStream } from '../../mocks/scripted-transport.ts';

afterEach(() => vi.restoreAllMocks());

interface Lab extends Scripted {
  /** What the listener of `a` was told, in order. */
  readonly told: unknown[];
  readonly tapped: string[];
  /** Cuts the stream and opens the next. */
  reconnect(): Promise<ScriptedStream>;
}

async function lab(options: Partial<ClientOptions<AnyContract>> = {}, history = 0): Promise<Lab> {
  const scripted = scriptedClient(options);
  const { client, clock, transport } = scripted;
  const told: unknown[] = [];
  const tapped: string[] = [];
  client.tap((record: TapRecord) => {
    if (record.type === 'delivery')
      tapped.push(`${record.disposition} ${record.cursor.epoch}:${record.cursor.offset}`);
    if (record.type === 'recovery')
      tapped.push(`recovery ${record.recovery.outcome} ${record.recovery.replayed}`);
  });
  client.channel('a', { history }).listen({
    onEvent: ({ payload }) => told.push(payload),
    onGap: ({ outcome, from, to, reason }) =>
      told.push({ gap: outcome, from: from?.offset, to: to?.offset, reason }),
    onRecovery: ({ outcome, replayed }) => told.push(`${outcome} ${replayed}`),
    onError: ({ code }) => told.push(`error ${code}`),
  });
  await settle();
  transport.last.hello();
  return {
    ...scripted,
    told,
    tapped,
    async reconnect() {
      transport.last.end();
      await clock.advance(600);
      transport.last.hello();
      return transport.last;
    },
  };
}

describe('an attach', () => {
  test('goes from subscribing over replaying to live, and counts what it replayed', async () => {
    const { client, transport, told } = await lab();
    const store = client.channel('a');
    const seen = (): unknown => {
      const { status, recovery } = store.getSnapshot();
      return [status, recovery?.outcome, recovery?.replayed, recovery?.to?.offset];
    };
    expect(seen()).toEqual(['subscribing', undefined, undefined, undefined]);
    transport.last.attached('a', 'e:3');
    expect(seen()).toEqual(['replaying', 'fresh', 0, undefined]);
    transport.last.event('a', 'e:4', 'buffered');
    expect(seen()).toEqual(['replaying', 'fresh', 1, undefined]);
    transport.last.live('a', 'e:4', 1);
    expect(seen()).toEqual(['live', 'fresh', 1, 4]);
    transport.last.event('a', 'e:5', 'live');
    expect(seen()).toEqual(['live', 'fresh', 1, 4]);
    expect(told).toEqual(['buffered', 'fresh 1', 'live']);
  });

  test('marks what was replayed in its meta, beside the meta it came with', async () => {
    const { client, transport } = await lab();
    transport.last.attached('a', 'e:0');
    transport.last.event('a', 'e:1', 1, { meta: { by: 'ana' } });
    transport.last.live('a', 'e:1', 1);
    transport.last.event('a', 'e:2', 2, { meta: { by: 'bo' } });
    client.channel('a', { history: 9 }).subscribe(() => {});
    expect(
      client
        .channel('a', { history: 9 })
        .getSnapshot()
        .events.map(({ meta }) => meta),
    ).toEqual([{ by: 'ana', replayed: true }, { by: 'bo' }]);
  });

  test('after a cut asks for what follows the last event handed over, and reports recovered', async () => {
    const { told, transport, reconnect, client, tapped } = await lab();
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    const back = await reconnect();
    expect(client.channel('a').getSnapshot().status).toBe('subscribing');
    expect(back.request.channels).toEqual([{ channel: 'a', cursor: 'e:1', history: undefined }]);
    back.attached('a', 'e:1', { outcome: 'recovered' });
    back.event('a', 'e:2', 2);
    back.event('a', 'e:3', 3);
    back.live('a', 'e:3', 2);
    expect(told).toEqual(['fresh 0', 1, 2, 3, 'recovered 2']);
    expect(client.channel('a').getSnapshot().recovery).toEqual({
      outcome: 'recovered',
      replayed: 2,
      from: { epoch: 'e', offset: 1 },
      to: { epoch: 'e', offset: 3 },
      reason: undefined,
    });
    expect(tapped).toEqual([
      'recovery fresh 0',
      'applied e:1',
      'replayed e:2',
      'replayed e:3',
      'recovery recovered 2',
    ]);
  });

  test('that is cut in its replay goes on from where it was, and repeats nothing', async () => {
    const { told, transport, reconnect } = await lab();
    transport.last.ready('a', 'e:0');
    const first = await reconnect();
    first.attached('a', 'e:0', { outcome: 'recovered' });
    first.event('a', 'e:1', 1);
    const second = await reconnect();
    expect(second.request.channels[0]?.cursor).toBe('e:1');
    second.attached('a', 'e:1', { outcome: 'recovered' });
    second.event('a', 'e:2', 2);
    second.live('a', 'e:2', 1);
    expect(told).toEqual(['fresh 0', 1, 2, 'recovered 1']);
  });

  test('with nothing missed is recovered all the same', async () => {
    const { told, transport, reconnect } = await lab();
    transport.last.ready('a', 'e:7');
    (await reconnect()).ready('a', 'e:7', { outcome: 'recovered' });
    expect(told).toEqual(['fresh 0', 'recovered 0']);
  });
});

describe('what is gone', () => {
  test('gap is told before the next event, keeps what is shown, and goes on from the oldest held', async () => {
    const { told, transport, reconnect, client, tapped } = await lab();
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    const back = await reconnect();
    back.attached('a', 'e:6', { outcome: 'gap', reason: 'trimmed' });
    expect(told.at(-1)).toEqual({ gap: 'gap', from: 6, to: undefined, reason: 'trimmed' });
    back.event('a', 'e:7', 7);
    back.live('a', 'e:7', 1);
    expect(told.slice(-2)).toEqual([7, 'gap 1']);
    expect(client.channel('a').getSnapshot()).toMatchObject({
      recovery: { outcome: 'gap', replayed: 1, reason: 'trimmed' },
    });
    expect(tapped.at(-1)).toBe('recovery gap 1');
    const store = client.channel('a', { history: 50 });
    expect(store.getSnapshot().events.map(({ payload }) => payload)).toEqual([1, 7]);
  });

  test('reset is told before the next event, and what was shown belonged to another log', async () => {
    const { told, transport, reconnect, client } = await lab();
    transport.last.ready('a', 'e:40');
    transport.last.event('a', 'e:41', 'old');
    const back = await reconnect();
    back.attached('a', 'f:0', { outcome: 'reset', reason: 'recreated' });
    expect(told.at(-1)).toEqual({ gap: 'reset', from: 0, to: undefined, reason: 'recreated' });
    const store = client.channel('a', { history: 50 });
    expect(store.getSnapshot().events).toEqual([]);
    back.live('a', 'f:0');
    back.event('a', 'f:1', 'new');
    expect(told.slice(-2)).toEqual(['reset 0', 'new']);
    expect(store.getSnapshot().events.map(({ payload }) => payload)).toEqual(['new']);
  });

  test('a log that fell behind the position is a reset of the same epoch, and its next events count', async () => {
    const { told, transport, reconnect } = await lab();
    transport.last.ready('a', 'e:9');
    const back = await reconnect();
    back.ready('a', 'e:3', { outcome: 'reset', reason: 'above the end' });
    back.event('a', 'e:4', 'again');
    expect(told.slice(-3)).toEqual([
      { gap: 'reset', from: 3, to: undefined, reason: 'above the end' },
      'reset 0',
      'again',
    ]);
  });

  test('a gap on a live channel is told with both ends, at once', async () => {
    const { told, transport, client, tapped } = await lab();
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    transport.last.say('gap', {
      channel: 'a',
      outcome: 'gap',
      from: 'e:1',
      to: 'e:5',
      reason: 'slow reader',
    });
    expect(told.slice(-2)).toEqual([
      { gap: 'gap', from: 1, to: 5, reason: 'slow reader' },
      'gap 0',
    ]);
    expect(client.channel('a').getSnapshot().status).toBe('live');
    transport.last.event('a', 'e:5', 'too old');
    transport.last.event('a', 'e:6', 6);
    expect(told.at(-1)).toBe(6);
    expect(tapped.slice(-3)).toEqual(['recovery gap 0', 'duplicate e:5', 'applied e:6']);
  });

  test('a gap in the middle of a replay counts on', async () => {
    const { told, transport, reconnect } = await lab();
    transport.last.ready('a', 'e:0');
    const back = await reconnect();
    back.attached('a', 'e:0', { outcome: 'recovered' });
    back.event('a', 'e:1', 1);
    back.say('gap', { channel: 'a', outcome: 'gap', from: 'e:1', to: 'e:8', reason: 'trimmed' });
    back.event('a', 'e:9', 9);
    back.live('a', 'e:9', 2);
    expect(told.slice(1)).toEqual([
      1,
      { gap: 'gap', from: 1, to: 8, reason: 'trimmed' },
      9,
      'gap 2',
    ]);
  });

  test('a gap that ends behind the position is old news', async () => {
    const { told, transport, reconnect } = await lab();
    transport.last.ready('a', 'e:5');
    transport.last.say('gap', {
      channel: 'a',
      outcome: 'gap',
      from: 'e:1',
      to: 'e:5',
      reason: 'old',
    });
    const back = await reconnect();
    back.ready('a', 'e:5', { outcome: 'gap', reason: 'old' });
    expect(told).toEqual(['fresh 0', 'recovered 0']);
  });

  test('an event of another log that nobody spoke of is a reset before the event', async () => {
    const { told, transport } = await lab();
    transport.last.ready('a', 'e:5');
    transport.last.event('a', 'f:1', 'first of f');
    expect(told.slice(1)).toEqual([
      { gap: 'reset', from: undefined, to: undefined, reason: expect.any(String) },
      'reset 0',
      'first of f',
    ]);
  });
});

describe('the position', () => {
  test('drops what was delivered before, and tells the tap alone', async () => {
    const { told, transport, tapped } = await lab();
    transport.last.ready('a', 'e:0');
    for (const cursor of ['e:1', 'e:1', 'e:2', 'e:1', 'e:2'])
      transport.last.event('a', cursor, cursor);
    expect(told.slice(1)).toEqual(['e:1', 'e:2']);
    expect(tapped.slice(1)).toEqual([
      'applied e:1',
      'duplicate e:1',
      'applied e:2',
      'duplicate e:1',
      'duplicate e:2',
    ]);
  });

  test('takes offsets with holes as they come: what is missing is the server’s word', async () => {
    const { told, transport } = await lab();
    transport.last.ready('a', 'e:0');
    for (const offset of [3, 17, 900]) transport.last.event('a', `e:${offset}`, offset);
    expect(told.slice(1)).toEqual([3, 17, 900]);
  });

  test('advances after the handlers ran: a stream opened in one brings the event again, and it is dropped', async () => {
    const { client, transport } = await lab();
    const heard: unknown[] = [];
    client.channel('a').listen({
      onEvent: ({ payload }) => {
        heard.push(payload);
        if (heard.length > 1) return;
        client.pause();
        client.resume();
      },
    });
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    const [, next] = transport.streams;
    expect(next?.request.channels[0]?.cursor).toBe('e:0');
    next?.hello();
    next?.attached('a', 'e:0', { outcome: 'recovered' });
    next?.event('a', 'e:1', 1);
    next?.event('a', 'e:2', 2);
    expect(heard).toEqual([1, 2]);
  });

  test('moves with heartbeats, forward and in its own log only', async () => {
    const { transport, reconnect, client } = await lab();
    transport.last.ready('a', 'e:5');
    const store = client.channel('a');
    const before = store.getSnapshot();
    transport.last.say('heartbeat', { positions: { a: 'e:9', b: 'e:1', constructor: 'e:1' } });
    transport.last.say('heartbeat', { positions: { a: 'e:7' } });
    transport.last.say('heartbeat', { positions: { a: 'x:99' } });
    transport.last.say('heartbeat', {});
    expect(store.getSnapshot()).toBe(before);
    expect((await reconnect()).request.channels[0]?.cursor).toBe('e:9');
  });

  test('moves to where a replay ended, though its last events are holes', async () => {
    const { transport, reconnect } = await lab();
    transport.last.attached('a', 'e:0');
    transport.last.live('a', 'e:12');
    expect((await reconnect()).request.channels[0]?.cursor).toBe('e:12');
  });
});

describe('the application is never the stream’s problem', () => {
  test('a handler that throws is reported, and harms neither the others nor the next event', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { client, transport, told, reconnect } = await lab();
    const fault = new Error('handler');
    client.channel('a').listen({
      onEvent() {
        throw fault;
      },
      onRecovery() {
        throw fault;
      },
    });
    client.channel('a').subscribe(() => {
      throw fault;
    });
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    transport.last.event('a', 'e:2', 2);
    await settle();
    expect(told).toEqual(['fresh 0', 1, 2]);
    expect(report.mock.calls.every(([error]) => error === fault)).toBe(true);
    expect(report).toHaveBeenCalledTimes(4);
    expect((await reconnect()).request.channels[0]?.cursor).toBe('e:2');
  });

  test('a tap and a connection listener that throw are reported too, and the stream lives', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { client, transport, told } = await lab();
    const undone = [
      client.tap(() => {
        throw new Error('tap');
      }),
      client.connection.subscribe(() => {
        throw new Error('connection');
      }),
    ];
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    client.pause();
    client.resume();
    expect(told).toEqual(['fresh 0', 1]);
    expect(client.connection.getSnapshot().state).toBe('reconnecting');
    const reports = report.mock.calls.map(([error]) => (error as Error).message);
    expect(reports).toEqual(['tap', 'tap', 'tap', 'connection', 'tap', 'connection']);
    for (const undo of undone) undo();
  });

  test('a handler that undoes another in the middle of an event is heeded', async () => {
    const { client, transport } = await lab();
    const heard: string[] = [];
    const store = client.channel('a');
    store.listen({
      onEvent() {
        heard.push('one');
        undo();
      },
    });
    const undo = store.listen({ onEvent: () => heard.push('two') });
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1');
    transport.last.event('a', 'e:2');
    expect(heard).toEqual(['one', 'one']);
  });
});

describe('a listener', () => {
  test('that is added in the middle of an event hears of the next one', async () => {
    const { client, transport } = await lab();
    const heard: unknown[] = [];
    const store = client.channel('a');
    store.listen({
      onEvent({ payload }) {
        if (payload === 1) store.listen({ onEvent: (event) => heard.push(event.payload) });
      },
    });
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    transport.last.event('a', 'e:2', 2);
    expect(heard).toEqual([2]);
  });
});

describe('a refused channel', () => {
  test('ends alone: its error is in its snapshot, the others flow', async () => {
    const { client, transport, told } = await lab();
    client.channel('b').subscribe(() => {});
    await settle();
    transport.last.say('denied', {
      channel: 'a',
      code: 'forbidden',
      message: 'not you',
      retryable: false,
    });
    transport.last.hello();
    const [, successor] = transport.streams;
    successor?.hello();
    successor?.say('denied', {
      channel: 'a',
      code: 'forbidden',
      message: 'not you',
      retryable: false,
    });
    successor?.ready('b', 'e:0');
    expect(client.channel('a').getSnapshot()).toMatchObject({
      status: 'denied',
      error: { code: 'forbidden', message: 'not you' },
    });
    expect(client.channel('b').getSnapshot().status).toBe('live');
    expect(told).toEqual(['error forbidden', 'error forbidden']);
    expect(client.connection.getSnapshot().state).toBe('connected');
  });

  test('stays denied until a later stream attaches it: rights may have come back', async () => {
    const { client, transport, reconnect } = await lab();
    transport.last.say('denied', {
      channel: 'a',
      code: 'forbidden',
      message: '',
      retryable: false,
    });
    const back = await reconnect();
    expect(client.channel('a').getSnapshot().status).toBe('denied');
    back.ready('a', 'e:0');
    expect(client.channel('a').getSnapshot()).toMatchObject({ status: 'live', error: undefined });
  });

  test('that is revoked keeps what it showed and says why it ended', async () => {
    const { client, transport, told } = await lab();
    transport.last.ready('a', 'e:0');
    transport.last.event('a', 'e:1', 1);
    transport.last.say('revoked', {
      channel: 'a',
      code: 'forbidden',
      message: 'revoked',
      retryable: false,
    });
    expect(client.channel('a', { history: 9 }).getSnapshot()).toMatchObject({
      status: 'denied',
      events: [{ payload: 1 }],
    });
    expect(told.at(-1)).toBe('error forbidden');
    expect(transport.streams).toHaveLength(1);
  });

  test('that may be had later is asked for again by a successor, with growing waits', async () => {
    const { client, clock, transport } = await lab();
    const refuse = (): void =>
      transport.last.say('denied', {
        channel: 'a',
        code: 'unavailable',
        message: 'later',
        retryable: true,
      });
    refuse();
    expect(client.channel('a').getSnapshot()).toMatchObject({
      status: 'error',
      error: { retryable: true },
    });
    expect(client.connection.getSnapshot().state).toBe('connected');
    const opened: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      opened.push(clock.nextIn);
      await clock.advance(clock.nextIn);
      transport.last.hello();
      refuse();
    }
    expect(opened).toEqual([350, 600, 1100, 2100]);
    await clock.advance(clock.nextIn);
    transport.last.hello();
    transport.last.ready('a', 'e:0');
    expect(client.channel('a').getSnapshot()).toMatchObject({ status: 'live', error: undefined });
    expect(transport.openCount).toBe(1);
  });
});

describe('a frame from the wrong stream', () => {
  test('of the one that was replaced is dropped, though it is still open', async () => {
    const { client, transport, told } = await lab();
    const [old] = transport.streams;
    old?.ready('a', 'e:0');
    client.channel('b').subscribe(() => {});
    client.channel('c').subscribe(() => {});
    old?.ready('b', 'e:0');
    await settle();
    const successor = transport.last;
    successor.hello();
    old?.event('a', 'e:1', 'from the old');
    successor.attached('a', 'e:0', { outcome: 'recovered' });
    expect(old?.open).toBe(false);
    successor.event('a', 'e:1', 'again');
    successor.event('a', 'e:2', 'from the new');
    expect(told.slice(1)).toEqual(['from the old', 'from the new']);
    expect(client.channel('a').getSnapshot().status).toBe('live');
  });

  test('of a channel nobody asked for is dropped', async () => {
    const { client, transport, told } = await lab();
    transport.last.event('a', 'e:1', 'before attached');
    transport.last.ready('z', 'e:0');
    transport.last.event('z', 'e:1', 'whose?');
    expect([told, client.channel('z').getSnapshot().status]).toEqual([[], 'unsubscribed']);
  });
});
