import { expect, test, vi } from 'vitest';
import { resolveLimits, type Limits } from '../../../limits.ts';
import type { FeedListener } from '../../../server/channel-feed.ts';
import { Feeds } from '../../../server/feeds.ts';
import { FrameCache } from '../../../server/frame.ts';
import { recordingLogger } from '../../mocks/lab.ts';
import { ScriptedAdapter } from '../../mocks/scripted-adapter.ts';

/** `1 2 gap 2>5 6`: what a listener heard. */
async function listen(adapter: ScriptedAdapter, limits: Partial<Limits> = {}) {
  const frames = new FrameCache(1_000_000);
  const feeds = new Feeds({
    adapter,
    frames,
    limits: resolveLimits(limits),
    logger: recordingLogger([]),
  });
  const heard: string[] = [];
  const listener: FeedListener = {
    frame: ({ cursor }) => heard.push(`${cursor.epoch}:${cursor.offset}`),
    hole: ({ outcome, from, to }) =>
      heard.push(`${outcome} ${from.epoch}:${from.offset}>${to.epoch}:${to.offset}`),
  };
  const feed = feeds.join('ticks', listener);
  await feed.ready;
  return { heard, feed, feeds, leave: () => feeds.leave(feed, listener) };
}

test('passes on what is delivered, each once', async () => {
  const adapter = new ScriptedAdapter();
  const { heard } = await listen(adapter);
  const [one, two] = [adapter.append(), adapter.append()];
  adapter.deliver(one);
  adapter.deliver(one, two);
  expect(heard).toEqual(['e1:1', 'e1:2']);
});

test('a hole in what was delivered is filled from the log, page by page, without a word', async () => {
  const adapter = new ScriptedAdapter();
  const { heard } = await listen(adapter, { replayPage: 2 });
  adapter.deliver(adapter.append());
  for (let lost = 0; lost < 5; lost += 1) adapter.append();
  adapter.deliver(adapter.append());
  await vi.waitFor(() => expect(heard).toHaveLength(7));
  adapter.deliver(adapter.append());
  expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((offset) => `e1:${offset}`));
  expect(adapter.reads).toBe(3);
});

test('what is delivered while a hole is filled comes after it, also when it overflows the buffer', async () => {
  for (const replayBuffer of [1, 100]) {
    const adapter = new ScriptedAdapter();
    const { heard } = await listen(adapter, { replayBuffer });
    adapter.deliver(adapter.append());
    adapter.append();
    adapter.deliver(adapter.append());
    adapter.deliver(adapter.append(), adapter.append(), adapter.append());
    await vi.waitFor(() =>
      expect(heard).toEqual([1, 2, 3, 4, 5, 6].map((offset) => `e1:${offset}`)),
    );
  }
});

test('a hole that the log no longer fills is told, and delivery goes on behind it', async () => {
  const adapter = new ScriptedAdapter();
  const { heard } = await listen(adapter);
  adapter.deliver(adapter.append(1));
  adapter.deliver(adapter.append(5));
  adapter.log = adapter.log.filter(({ cursor }) => cursor.offset === 5);
  await vi.waitFor(() => expect(heard).toEqual(['e1:1', 'gap e1:1>e1:4', 'e1:5']));
});

test('another epoch is told as a reset before its first event', async () => {
  const adapter = new ScriptedAdapter();
  const { heard } = await listen(adapter);
  adapter.deliver(adapter.append());
  adapter.epoch = 'e2';
  adapter.log = [];
  adapter.append();
  adapter.deliver(adapter.append());
  expect(heard).toEqual(['e1:1', 'reset e1:1>e2:1', 'e2:2']);
});

test('with holes in the offsets, as some logs have, a jump is no gap', async () => {
  const adapter = new ScriptedAdapter(false);
  const { heard } = await listen(adapter);
  adapter.deliver(adapter.append(3));
  adapter.deliver(adapter.append(9));
  expect(heard).toEqual(['e1:3', 'e1:9']);
  expect(adapter.reads).toBe(0);
});

test('when the link comes back every channel is read again; a reset found there is told as fresh', async () => {
  const adapter = new ScriptedAdapter();
  const { heard, feeds } = await listen(adapter);
  adapter.deliver(adapter.append());
  adapter.append();
  feeds.healAll();
  await vi.waitFor(() => expect(heard).toEqual(['e1:1', 'e1:2']));

  adapter.epoch = 'e2';
  adapter.log = [];
  adapter.append(4);
  feeds.healAll();
  await vi.waitFor(() => expect(heard.at(-1)).toBe('reset e1:2>e2:4'));
});

test('a read that fails is tried again until it succeeds, and no longer than someone listens', async () => {
  vi.useFakeTimers();
  try {
    const adapter = new ScriptedAdapter();
    const { heard, leave } = await listen(adapter);
    adapter.deliver(adapter.append());
    adapter.append();
    adapter.failReads = 3;
    adapter.deliver(adapter.append());
    await vi.advanceTimersByTimeAsync(2000);
    expect(heard).toEqual(['e1:1', 'e1:2', 'e1:3']);
    expect(adapter.reads).toBe(4);

    adapter.failReads = Infinity;
    adapter.append();
    adapter.deliver(adapter.append());
    await vi.advanceTimersByTimeAsync(10_000);
    const { reads } = adapter;
    leave();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(adapter.reads).toBe(reads);
    expect(adapter.subscribed).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('one who leaves while the channel is being opened leaves nothing behind', async () => {
  const adapter = new ScriptedAdapter();
  const frames = new FrameCache(1_000_000);
  const feeds = new Feeds({
    adapter,
    frames,
    limits: resolveLimits(),
    logger: recordingLogger([]),
  });
  const listener: FeedListener = { frame: () => undefined, hole: () => undefined };
  const feed = feeds.join('ticks', listener);
  feeds.leave(feed, listener);
  await feed.ready;
  expect(adapter.subscribed).toBe(0);
  expect(feeds.counts()).toEqual([]);
});
