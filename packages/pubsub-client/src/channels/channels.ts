import {
  formatCursor,
  parseCursor,
  type Cursor,
  type EventEnvelope,
  type Frame,
  type PubSubError,
} from '@hipponot/pubsub-core';
import type { HistoryPage } from '../client/pubsub-client.ts';
import type { Clock } from '../sse/clock.ts';
import type { Channels, Stream } from '../sse/machine.ts';
import type { ChannelRequest } from '../sse/transport.ts';
import type { Tap } from '../tap.ts';
import { covers, createFeed, dropPassed, endOf, moveOn, type Feed, type Listener, type OwnEvent, type Reader } from './feed.ts';
import { createReceive } from './receive.ts';

export interface ChannelsOptions {
  readonly clock: Clock;
  readonly graceMs: number;
  readonly passInvalid: boolean;
  readonly tap: Tap;
  schedule(flush: () => void): void;
  check(event: EventEnvelope): PubSubError | undefined;
  /** The set that the connection is to carry. */
  want(channels: Channels): void;
  history(channel: string, limit: number): Promise<HistoryPage<EventEnvelope>>;
}

/** Every subscribed address, and the way of frames to its stores. */
export interface ChannelBook {
  feed(channel: string): Feed | undefined;
  join(channel: string, reader: Reader): void;
  leave(reader: Reader): void;
  show(channel: string, envelope: EventEnvelope, passed: () => void): ShownEvent | undefined;
  request(asked: Channels): ChannelRequest[];
  receive(stream: Stream, frame: Frame): void;
  release(stream: Stream): void;
  close(): void;
}

/** An own event in the snapshots of its channel. */
export interface ShownEvent {
  /** Acked: it stays until its echo takes its place. Without a cursor there is no echo: it goes. */
  settle(cursor: Cursor | undefined): void;
  remove(): void;
}

/** Own events shown at once on one channel; the oldest are hidden first. */
const maxOwn = 1000;
/** The most events that one history request may ask for. */
const maxHistory = 1000;

export function createChannels({
  clock,
  graceMs,
  passInvalid,
  tap,
  schedule,
  check,
  want,
  history,
}: ChannelsOptions): ChannelBook {
  const feeds = new Map<string, Feed>();
  const dirty = new Set<Feed>();
  let lastId = 0;
  let isSetDue = false;
  let closed = false;

  const receive = createReceive({ check, passInvalid, tell, changed, caughtUp, tap });

  function tell(feed: Feed, call: (on: Listener) => void): void {
    for (const { listeners } of [...feed.readers]) {
      for (const listener of [...listeners]) {
        // One may have undone another, or closed everything.
        if (!listeners.has(listener)) continue;
        try {
          call(listener.on);
        } catch (error) {
          // What the application throws is its own: reported, and passed by.
          // oxlint-disable-next-line no-console -- the way to be heard where there is no `reportError`
          (globalThis.reportError ?? console.error)(error);
        }
      }
    }
  }

  function changed(feed: Feed): void {
    feed.version += 1;
    if (!dirty.size) schedule(flush);
    dirty.add(feed);
  }

  function flush(): void {
    const told = [...dirty];
    dirty.clear();
    for (const feed of told) tell(feed, (on) => on.onChange?.());
  }

  /** Subscriptions that come and go in one tick make one set. */
  function setChanged(): void {
    if (isSetDue) return;
    isSetDue = true;
    queueMicrotask(() => {
      isSetDue = false;
      if (closed) return;
      for (const [channel, feed] of feeds) {
        if (!feed.readers.size && feed.grace === undefined) feeds.delete(channel);
      }
      want(new Map([...feeds].map(([channel, { id }]) => [channel, id])));
    });
  }

  function caughtUp(feed: Feed): void {
    for (const reader of feed.readers) if (reader.lacks) void load(feed, reader);
  }

  /** More history than the stream brought: read by a request of its own, put in front of what is held. */
  async function load(feed: Feed, reader: Reader): Promise<void> {
    try {
      const limit = Math.min(maxHistory, reader.history + endOf(feed) - reader.since);
      const { top, events } = await history(feed.channel, limit);
      if (feeds.get(feed.channel) !== feed || top.epoch !== feed.position?.epoch) return;
      const held = new Set(feed.events.map(({ id }) => id));
      const older: EventEnvelope[] = [];
      for (const { cursor, ...event } of events) {
        if (held.has(event.id) || !covers(feed.position, cursor) || (check(event) && !passInvalid)) continue;
        older.push({ ...event, meta: { ...event.meta, replayed: true } });
      }
      feed.events.unshift(...older);
      feed.first -= older.length;
      reader.lacks = false;
    } catch (error) {
      feed.error = error as PubSubError;
      tell(feed, (on) => on.onError?.(error as PubSubError));
    }
    changed(feed);
  }

  return {
    feed: (channel) => feeds.get(channel),
    join(channel, reader) {
      if (closed) return;
      let feed = feeds.get(channel);
      if (!feed) {
        feed = createFeed(++lastId, channel);
        feeds.set(channel, feed);
        setChanged();
      }
      clock.clearTimeout(feed.grace);
      feed.grace = undefined;
      feed.readers.add(reader);
      // Back within the grace delay, it goes on where it was.
      if (reader.feed === feed) return;
      reader.feed = feed;
      reader.since = endOf(feed);
      reader.lacks = !!feed.position && reader.history > feed.events.length;
      feed.limit = Math.max(feed.limit, reader.limit);
      if (feed.status === 'live') caughtUp(feed);
    },
    leave(reader) {
      const { feed } = reader;
      if (!feed?.readers.delete(reader) || feed.readers.size) return;
      feed.grace = clock.setTimeout(() => {
        feed.grace = undefined;
        setChanged();
      }, graceMs);
    },
    show(channel, envelope, passed) {
      const feed = feeds.get(channel);
      if (!feed) return undefined;
      const shown: OwnEvent = { envelope, passed };
      feed.own = [...feed.own, shown].slice(-maxOwn);
      changed(feed);
      return {
        settle(cursor) {
          // No position is of this epoch: what has no echo is passed at once.
          shown.cursor = cursor ?? { epoch: '', offset: 0 };
          dropPassed(feed);
          changed(feed);
        },
        remove() {
          this.settle(undefined);
        },
      };
    },
    request: (asked) =>
      [...asked.keys()].map((channel) => {
        const feed = feeds.get(channel);
        if (!feed) return { channel };
        feed.asked = Math.max(...[...feed.readers].map((reader) => reader.history), 0);
        const { position } = feed;
        return { channel, cursor: position && formatCursor(position), history: feed.asked || undefined };
      }),
    receive({ no, asked }, frame) {
      if (frame.type === 'heartbeat') {
        for (const [channel, position] of Object.entries(frame.positions ?? {})) {
          const feed = feeds.get(channel);
          if (feed?.owner === no) moveOn(feed, parseCursor(position));
        }
        return;
      }
      const { channel = '' } = frame.type === 'event' ? frame.envelope : (frame as { channel?: string });
      const feed = feeds.get(channel);
      // A stream opened for an earlier subscription of this address has nothing to say about this one.
      if (feed && asked.get(channel) === feed.id) receive(feed, no, frame);
    },
    release({ no }) {
      for (const feed of feeds.values()) {
        if (feed.owner !== no || (feed.status !== 'live' && feed.status !== 'replaying')) continue;
        feed.status = 'subscribing';
        changed(feed);
      }
    },
    close() {
      closed = true;
      for (const feed of feeds.values()) {
        clock.clearTimeout(feed.grace);
        feed.status = 'closed';
        changed(feed);
      }
      flush();
      for (const { readers } of feeds.values()) readers.clear();
    },
  };
}
