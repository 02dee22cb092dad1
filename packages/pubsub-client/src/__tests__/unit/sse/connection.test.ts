import { PubSubError } from '@hipponot/pubsub-core';
import { describe, expect, test } from 'vitest';
import type { PageSignals } from '../../../client/page-signals.ts';
import type { ClientOptions } from '../../../client/client-options.ts';
import type { AnyContract } from '@hipponot/pubsub-core';
import { settle } from '../../mocks/fake-clock.ts';
import { scriptedClient, type Scripted } from '../../mocks/scripted-client.ts';

interface Lab extends Scripted {
  /** What happened, each with its time from the start: one assertion on the whole of it. */
  readonly timeline: string[];
}

function lab(options: Partial<ClientOptions<AnyContract>> = {}): Lab {
  const scripted = scriptedClient(options);
  const { client, clock, transport } = scripted;
  const start = clock.time;
  const timeline: string[] = [];
  const note = (text: string): number => timeline.push(`${clock.time - start} ${text}`);
  client.connection.subscribe(() => {
    const status = client.connection.getSnapshot();
    const wait =
      'retryAt' in status && status.retryAt !== undefined
        ? ` retry in ${status.retryAt - clock.time}`
        : '';
    const why = 'error' in status && status.error ? ` (${status.error.code})` : '';
    note(`${status.state}${'attempt' in status ? ` ${status.attempt}` : ''}${wait}${why}`);
  });
  const open = transport.open.bind(transport);
  transport.open = (request, listener) => {
    const no = transport.streams.length + 1;
    note(
      `open ${no}${request.refresh ? ' refresh' : ''}: ${request.channels.map(({ channel }) => channel).join(' ')}`,
    );
    const close = open(request, listener);
    return () => {
      note(`close ${no}`);
      close();
    };
  };
  return { ...scripted, timeline };
}

const nothing = (): void => {};

describe('the connection', () => {
  test('opens with the first listener and rests when the last has been gone for the grace delay', async () => {
    const { client, clock, transport, timeline } = lab({ graceMs: 700 });
    await clock.advance(50);
    const leave = client.channel('orders').subscribe(nothing);
    await settle();
    transport.last.hello();
    transport.last.ready('orders');
    await clock.advance(1000);
    leave();
    await clock.advance(5000);
    expect(timeline).toEqual([
      '50 open 1: orders',
      '50 connecting 1',
      '50 connected',
      '1750 close 1',
      '1750 idle',
    ]);
    expect(clock.pending).toBe(0);
  });

  test('subscribe, unsubscribe and subscribe in one tick are one request', async () => {
    const { client, timeline } = lab();
    const orders = client.channel('orders');
    orders.subscribe(nothing)();
    const leave = orders.subscribe(nothing);
    client.channel('chat/1').subscribe(nothing);
    client.channel('chat/1').listen({});
    leave();
    orders.subscribe(nothing);
    await settle();
    expect(timeline).toEqual(['0 open 1: orders chat/1', '0 connecting 1']);
  });

  test('retries with growing waits, and forgets failures only after the stream stayed healthy', async () => {
    const { client, clock, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.end();
    await clock.advance(350);
    transport.last.end('unavailable', { retryAfterMs: 2000 });
    await clock.advance(2500);
    transport.last.hello();
    await clock.advance(1000);
    transport.last.end();
    await clock.advance(1100);
    transport.last.hello();
    await clock.advance(5000);
    transport.last.end();
    await clock.advance(349);
    client.close();
    expect(timeline).toEqual([
      '0 open 1: a',
      '0 connecting 1',
      '0 close 1',
      '0 connecting 2 retry in 350 (network)',
      '350 open 2: a',
      '350 connecting 2 (network)',
      '350 close 2',
      '350 connecting 3 retry in 2500 (unavailable)',
      '2850 open 3: a',
      '2850 connecting 3 (unavailable)',
      '2850 connected',
      // Healthy for one second only: the third failure in a row.
      '3850 close 3',
      '3850 reconnecting 4 retry in 1100 (network)',
      '4950 open 4: a',
      '4950 reconnecting 4 (network)',
      '4950 connected',
      // Healthy for five: the first again.
      '9950 close 4',
      '9950 reconnecting 2 retry in 350 (network)',
      '10299 closed',
    ]);
  });

  test('gives up on an attempt that says nothing, and keeps its timer to itself', async () => {
    const { client, clock, timeline } = lab({ connectTimeoutMs: 3000 });
    client.channel('a').subscribe(nothing);
    await clock.advance(3000);
    expect(timeline.slice(2)).toEqual(['3000 close 1', '3000 connecting 2 retry in 350 (timeout)']);
    expect(clock.pending).toBe(1);
  });

  test('notices silence after two and a half heartbeats, and any byte is a sign of life', async () => {
    const { client, clock, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.hello({ heartbeatMs: 1000 });
    transport.last.ready('a');
    for (let beat = 0; beat < 5; beat += 1) {
      await clock.advance(1900);
      transport.last.beat();
    }
    await clock.advance(2499);
    expect(timeline.at(-1)).toBe('0 connected');
    await clock.advance(1);
    expect(timeline.slice(-2)).toEqual([
      '12000 close 1',
      '12000 reconnecting 2 retry in 350 (timeout)',
    ]);
  });

  test('a throttled timer that is late does not kill a healthy stream', async () => {
    const { client, clock, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.hello({ heartbeatMs: 1000 });
    transport.last.ready('a');
    // The page is frozen for a minute: the timer is overdue, and bytes have piled up unread.
    clock.time += 60_000;
    await clock.advance(0);
    transport.last.beat();
    await clock.advance(1900);
    expect(timeline.at(-1)).toBe('0 connected');
    // Without bytes it is dead after one more look.
    clock.time += 60_000;
    await clock.advance(500);
    expect(timeline.at(-1)).toMatch(/reconnecting 2 retry in 350 \(timeout\)$/);
  });

  test('a clock that is set back delays nothing', async () => {
    const { client, clock, transport, timeline } = lab({ backoff: { baseMs: 500, maxMs: 500 } });
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.end();
    // The timer runs on; only what the clock says is another time.
    const now = clock.now.bind(clock);
    clock.now = () => now() - 3_600_000;
    await clock.advance(350);
    expect(timeline.filter((line) => line.includes('open'))).toEqual([
      '0 open 1: a',
      '350 open 2: a',
    ]);
    await clock.advance(15_000);
    expect(transport.streams.map(({ open }) => open)).toEqual([false, false]);
  });

  test('401 refreshes credentials once, then waits for the user; resume tries again', async () => {
    const { client, clock, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.end('unauthenticated', { status: 401 });
    await settle();
    transport.last.end('unauthenticated', { status: 401 });
    await clock.advance(600_000);
    client.resume();
    transport.last.hello();
    expect(timeline).toEqual([
      '0 open 1: a',
      '0 connecting 1',
      '0 close 1',
      '0 open 2 refresh: a',
      '0 connecting 1 (unauthenticated)',
      '0 close 2',
      '0 needs-auth (unauthenticated)',
      '600000 open 3: a',
      '600000 connecting 1',
      '600000 connected',
    ]);
  });

  test('a refusal that no retry mends stops it until it is resumed', async () => {
    const { client, clock, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.end('forbidden', { status: 403 });
    await clock.advance(600_000);
    expect(timeline.slice(2)).toEqual(['0 close 1', '0 failed (forbidden)']);
    expect(clock.pending).toBe(0);
    client.resume();
    expect(timeline.slice(4)).toEqual(['600000 open 2: a', '600000 connecting 1']);
  });

  test('drain opens a successor when the server wants it, beside the stream that still serves', async () => {
    const { client, clock, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.hello({ streamId: 'one' });
    transport.last.ready('a');
    await clock.advance(10_000);
    transport.last.say('drain', { retryMs: 3000, reason: 'deploy' });
    await clock.advance(3250);
    expect(transport.openCount).toBe(2);
    transport.last.hello({ streamId: 'two' });
    transport.last.attached('a', 'e:0', { outcome: 'recovered' });
    expect(timeline).toEqual([
      '0 open 1: a',
      '0 connecting 1',
      '0 connected',
      '13250 open 2: a',
      '13250 close 1',
      '13250 connected',
    ]);
  });

  test('rotates before the credentials expire, with new ones and without a break', async () => {
    const { client, clock, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.hello({ heartbeatMs: 1000, expiresInMs: 60_000 });
    transport.last.ready('a');
    for (let second = 0; second < 58; second += 1) {
      await clock.advance(1000);
      transport.streams[0]?.beat();
    }
    expect(timeline.slice(3)).toEqual(['54000 open 2 refresh: a']);
    expect(transport.openCount).toBe(2);
  });

  test('a server that says hello and goes, again and again, is not hammered', async () => {
    const { client, clock, transport } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    for (let second = 0; second < 60; second += 1) {
      for (const stream of transport.streams) {
        stream.hello();
        stream.end();
      }
      await clock.advance(1000);
    }
    // With full jitter at its mean: 0.35, 0.6, 1.1, 2.1, 4.1, 8.1, 15.1 s, …
    expect(transport.streams.length).toBeLessThan(10);
  });

  test('a server of another version is told as a bad answer and tried again', async () => {
    const { client, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.hello({ v: 2 });
    expect(timeline.slice(2)).toEqual(['0 close 1', '0 connecting 2 retry in 350 (bad_answer)']);
  });
});

describe('pausing', () => {
  test('ends the stream and keeps every position; resume goes on from there', async () => {
    const { client, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.hello();
    transport.last.ready('a', 'e:4');
    transport.last.event('a', 'e:5');
    client.pause();
    client.pause();
    client.resume();
    expect(timeline.slice(3)).toEqual(['0 close 1', '0 paused', '0 open 2: a', '0 reconnecting 1']);
    expect(transport.last.request.channels).toEqual([
      { channel: 'a', cursor: 'e:5', history: undefined },
    ]);
  });

  test('resume in a wait tries at once', async () => {
    const { client, clock, transport, timeline } = lab();
    client.channel('a').subscribe(nothing);
    await settle();
    transport.last.end();
    await clock.advance(10);
    client.resume();
    expect(timeline.slice(-2)).toEqual(['10 open 2: a', '10 connecting 1']);
  });

  test('the page is listened to only while a stream is needed, and pauses before the first one opens', async () => {
    let report: Parameters<PageSignals>[0] | undefined;
    const log: string[] = [];
    const lifecycle: PageSignals = (told) => {
      log.push('watch');
      report = told;
      told('offline', true);
      return () => log.push('leave');
    };
    const { client, clock, transport, timeline } = lab({ lifecycle, graceMs: 0 });
    expect(log).toEqual([]);
    const leave = client.channel('a').subscribe(nothing);
    await settle();
    expect([log, timeline]).toEqual([['watch'], ['0 paused']]);
    report?.('offline', false);
    await clock.advance(250);
    report?.('offline', true);
    report?.('offline', false);
    report?.('offline', true);
    leave();
    await clock.advance(10);
    expect(timeline).toEqual([
      '0 paused',
      '0 connecting 1 retry in 250',
      '250 open 1: a',
      '250 connecting 1',
      '250 close 1',
      '250 paused',
      '250 connecting 1 retry in 250',
      '250 paused',
      '251 idle',
    ]);
    expect([log, transport.openCount, clock.pending]).toEqual([['watch', 'leave'], 0, 0]);
  });

  test('a hundred flips of the network end in one stream', async () => {
    let report: Parameters<PageSignals>[0] = () => {};
    const { client, clock, transport } = lab({
      lifecycle: (told) => {
        report = told;
        return nothing;
      },
    });
    client.channel('a').subscribe(nothing);
    await settle();
    for (let flip = 0; flip < 100; flip += 1) {
      report('offline', true);
      await clock.advance(5);
      report('offline', false);
      await clock.advance(5);
    }
    await clock.advance(1000);
    expect([transport.openCount, transport.streams.length]).toEqual([1, 2]);
  });
});

describe('close', () => {
  const stages: Record<string, (lab: Lab) => Promise<void> | void> = {
    idle: () => {},
    'before the first request': ({ client }) => {
      client.channel('a').subscribe(nothing);
    },
    connecting: async ({ client }) => {
      client.channel('a').subscribe(nothing);
      await settle();
    },
    'waiting to retry': async (made) => {
      await stages['connecting']?.(made);
      made.transport.last.end();
    },
    connected: async (made) => {
      await stages['connecting']?.(made);
      made.transport.last.hello();
      made.transport.last.ready('a');
    },
    'replacing a stream': async (made) => {
      await stages['connected']?.(made);
      made.client.channel('b').subscribe(nothing);
      await settle();
    },
    'in the grace delay': async (made) => {
      await stages['connected']?.(made);
      made.client.channel('b').subscribe(nothing)();
      await settle();
    },
    paused: async (made) => {
      await stages['connected']?.(made);
      made.client.pause();
    },
    'needs-auth': async (made) => {
      await stages['connecting']?.(made);
      made.transport.last.end('unauthenticated');
      made.transport.last.end('unauthenticated');
    },
    failed: async (made) => {
      await stages['connecting']?.(made);
      made.transport.last.end('not_found');
    },
  };

  test.each(Object.entries(stages))(
    'when %s: no request, timer or callback is left',
    async (_name, reach) => {
      const made = lab();
      const { client, clock, transport, timeline } = made;
      const called: string[] = [];
      client
        .channel('a')
        .listen({ onEvent: () => called.push('event'), onError: () => called.push('error') });
      await reach(made);
      const opened = transport.streams.length;
      client.close();
      expect(timeline.at(-1)).toMatch(/ closed$/);
      const told = timeline.length;
      client.channel('c').subscribe(() => called.push('change'));
      client.pause();
      client.resume();
      client.close();
      for (const stream of transport.streams) {
        stream.hello();
        stream.event('a', 'e:9');
        stream.end(new PubSubError('network', 'late'));
      }
      expect([transport.openCount, clock.pending]).toEqual([0, 0]);
      await clock.advance(600_000);
      expect([transport.streams.length, timeline.length, called, clock.pending]).toEqual([
        opened,
        told,
        [],
        0,
      ]);
      expect(client.connection.getSnapshot()).toEqual({ state: 'closed' });
    },
  );

  test('from inside a handler is heeded at once', async () => {
    const { client, transport } = lab();
    const heard: unknown[] = [];
    client.channel('a').listen({
      onEvent: ({ payload }) => {
        heard.push(payload);
        client.close();
      },
    });
    client.channel('a').listen({ onEvent: ({ payload }) => heard.push(payload) });
    await settle();
    transport.last.hello();
    transport.last.ready('a');
    transport.last.event('a', 'e:1', 'first');
    transport.last.event('a', 'e:2', 'second');
    expect(heard).toEqual(['first']);
  });
});
