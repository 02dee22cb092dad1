import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { formatCursor, parseCursor, type Cursor, type PubSubAdapter } from '@hipponot/pubsub-core';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { resolveLimits } from '../../limits.ts';
import { attach, type AttachDeps } from '../../server/attach.ts';
import { Feeds } from '../../server/feeds.ts';
import { FrameCache } from '../../server/frame.ts';
import { Subscription } from '../../server/subscription.ts';
import { recordingLogger, startLab, tick } from '../mocks/lab.ts';
import { RecordingOutlet, type Sent } from '../mocks/recording-outlet.ts';
import { seedOf } from '../mocks/seed.ts';
import {
  numbers,
  openStream,
  range,
  subscribe,
  type StreamClient,
} from '../mocks/stream-client.ts';
import { watchedAdapter } from '../mocks/watched-adapter.ts';

interface Race {
  /** Events in the log before. */
  readonly before: number;
  /** How many of them the client has seen; `undefined`: it comes without a cursor. */
  readonly seen: number | undefined;
  readonly history: number;
  readonly kept: number;
  readonly page: number;
  readonly buffer: number;
  /** How many are published at the first, second, … place where the server waits. */
  readonly bursts: readonly number[];
}

const races: fc.Arbitrary<Race> = fc.record({
  before: fc.nat(12),
  seen: fc.option(fc.nat(12), { nil: undefined }),
  history: fc.nat(6),
  kept: fc.constantFrom(2, 5, 1000),
  page: fc.integer({ min: 1, max: 4 }),
  buffer: fc.integer({ min: 1, max: 4 }),
  bursts: fc.array(fc.nat(3), { maxLength: 24 }),
});

test('whatever is published while a channel attaches is delivered once, in order, or told as a gap', async () => {
  const seed = seedOf('attach race');
  let overflows = 0;
  let gaps = 0;
  await fc.assert(
    fc.asyncProperty(races, async (race) => {
      const { sent, top } = await run(race);
      const trail = check(sent, top);
      if (race.kept === 1000) expect(trail.gaps).toBe(0);
      gaps += trail.gaps;
      if (trail.events > race.buffer) overflows += 1;
    }),
    { seed, numRuns: 400 },
  );
  // The generator must reach what the test is about.
  expect(gaps).toBeGreaterThan(0);
  expect(overflows).toBeGreaterThan(0);
});

/** Attaches one channel, publishing at every await between subscribe and live. */
async function run(race: Race): Promise<{ sent: readonly Sent[]; top: Cursor }> {
  const inner = memory();
  await inner.start();
  const publish = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const id = crypto.randomUUID();
      await inner.publish('ticks', {
        id,
        json: `{"id":"${id}"}`,
        retention: { maxEvents: race.kept },
      });
    }
  };
  await publish(race.before);
  const { epoch } = await inner.position('ticks');

  const bursts = [...race.bursts];
  const burst = (): Promise<void> => publish(bursts.shift() ?? 0);
  const adapter = watchedAdapter(inner, burst);
  const limits = resolveLimits({ replayPage: race.page, replayBuffer: race.buffer });
  const frames = new FrameCache(limits.frameCacheBytes);
  const deps: AttachDeps = {
    adapter,
    frames,
    limits,
    feeds: new Feeds({ adapter, frames, limits, logger: recordingLogger([]) }),
  };
  const outlet = new RecordingOutlet(() => (bursts.length > 0 ? burst() : undefined));
  const subscription = new Subscription('ticks', outlet);
  const cursor =
    race.seen === undefined ? undefined : { epoch, offset: Math.min(race.seen, race.before) };

  await attach(subscription, { channel: 'ticks', cursor, history: race.history }, deps);
  await publish(2);
  const top = await inner.position('ticks');
  await outlet.until(() => subscription.position?.offset === top.offset);
  subscription.close();
  await inner.stop();
  return { sent: outlet.sent, top };
}

/** Walks what was sent: every event is the next one, every hole starts where the walk stands. */
function check(sent: readonly Sent[], top: Cursor): { events: number; gaps: number } {
  const [attached] = sent;
  if (attached?.type !== 'attached')
    throw new Error(`the first frame is ${String(attached?.type)}`);
  let at = parseCursor(attached.from)!;
  let events = 0;
  let gaps = attached.outcome === 'gap' ? 1 : 0;
  let live = 0;
  for (const frame of sent.slice(1)) {
    if (frame.type === 'event') {
      expect(frame.cursor).toEqual({ epoch: at.epoch, offset: at.offset + 1 });
      at = frame.cursor;
      events += 1;
    } else if (frame.type === 'gap') {
      expect(frame.from).toBe(formatCursor(at));
      at = parseCursor(frame.to)!;
      gaps += 1;
    } else {
      expect(frame).toEqual({
        type: 'live',
        channel: 'ticks',
        replayed: events,
        to: formatCursor(at),
      });
      live += 1;
    }
  }
  expect(at).toEqual(top);
  expect(live).toBe(1);
  return { events, gaps };
}

test('over HTTP: clients that are cut and resume while events flow see each event once', async () => {
  const { pubsub, url } = await startLab({ limits: { replayPage: 3, replayBuffer: 4 } });
  const last = 400;
  const seen = await Promise.all([
    publishSlowly(),
    ...range(1, 8).map((each) => followSdk(each)),
    ...range(1, 4).map((each) => followPlain(each)),
  ]);
  for (const events of seen.slice(1)) expect(events).toEqual(range(1, last));

  async function publishSlowly(): Promise<number[]> {
    await tick(pubsub, 1);
    for (let n = 2; n <= last; n += 1) {
      await tick(pubsub, n);
      if (n % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return [];
  }

  async function followSdk(step: number): Promise<number[]> {
    const got: number[] = [];
    let cursor = `${(await pubsub.history('ticks')).top.epoch}:0`;
    while (got.at(-1) !== last) {
      const client = await subscribe(url, [{ channel: 'ticks', cursor }]);
      await enough(client, step * 7, got);
      client.close();
      expect(client.control('attached')[0]?.outcome).toBe('recovered');
      got.push(...numbers(client));
      cursor = formatCursor(client.events().at(-1)?.cursor ?? parseCursor(cursor)!);
    }
    return got;
  }

  async function followPlain(step: number): Promise<number[]> {
    const got: number[] = [];
    let id: string | undefined;
    while (got.at(-1) !== last) {
      const client = await openStream(`${url}/stream?channel=ticks&history=1000`, {
        headers: id ? { 'last-event-id': id } : {},
      });
      await enough(client, step * 5, got);
      client.close();
      got.push(...numbers(client));
      id = client.lastEventId();
    }
    return got;
  }

  async function enough(
    client: StreamClient,
    count: number,
    got: readonly number[],
  ): Promise<void> {
    const most = last - (got.at(-1) ?? 0);
    await client.until(() => client.events().length >= Math.min(count, most));
  }
});

test('the last of two subscribers leaves while the next one joins in the same turn: delivery goes on', async () => {
  const adapter: PubSubAdapter = memory();
  await adapter.start();
  onTestFinished(() => adapter.stop());
  const limits = resolveLimits();
  const frames = new FrameCache(limits.frameCacheBytes);
  const feeds = new Feeds({ adapter, frames, limits, logger: recordingLogger([]) });
  const deps: AttachDeps = { adapter, frames, limits, feeds };
  const first = new Subscription('ticks', new RecordingOutlet());
  await attach(first, { channel: 'ticks', history: 0 }, deps);

  first.close();
  const outlet = new RecordingOutlet();
  const second = new Subscription('ticks', outlet);
  const attaching = attach(second, { channel: 'ticks', history: 0 }, deps);
  const third = new Subscription('ticks', new RecordingOutlet());
  const alsoAttaching = attach(third, { channel: 'ticks', history: 0 }, deps);
  third.close();
  await Promise.all([attaching, alsoAttaching]);
  await adapter.publish('ticks', { id: 'a', json: '{"id":"a"}' });

  await outlet.until((sent) => sent.some(({ type }) => type === 'event'));
  expect(feeds.counts()).toEqual([{ channel: 'ticks', subscribers: 1 }]);
  second.close();
  expect(feeds.counts()).toEqual([]);
});
