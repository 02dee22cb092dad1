import {
  formatCursor,
  parseCursor,
  PubSubError,
  type EventEnvelope,
  type Frame,
} from '@hipponot/pubsub-core';
import type { HistoryPage } from '../client/pubsub-client.ts';
import type { Clock } from '../sse/clock.ts';
import type { Channels, Stream } from '../sse/machine.ts';
import type { ChannelRequest } from '../sse/transport.ts';
import { covers, endOf, moveOn, type Feed, type Listener, type Reader } from './feed.ts';
import { createReceive, type Receiving } from './receive.ts';

export interface ChannelsOptions extends Omit<Receiving, 'tell' | 'caughtUp'> {
  readonly clock: Clock;
  readonly graceMs: number;
  readonly schedule: (flush: () => void) => void;
  /** The set that the connection is to carry. */
  readonly want: (channels: Channels) => void;
  readonly history: (channel: string, limit: number) => Promise<HistoryPage<EventEnvelope>>;
}

/** Every subscribed address, and the way of frames to its stores. */
export interface ChannelBook {
  readonly feeds: ReadonlyMap<string, Feed>;
  join(channel: string, reader: Reader): void;
  leave(reader: Reader): void;
  readonly request: (asked: Channels) => ChannelRequest[];
  readonly receive: (stream: Stream, frame: Frame) => void;
  readonly release: (stream: Stream) => void;
  close(): void;
}

/** The most events that one history request may ask for. */
export const maxHistory = 1000;

export function createChannels(options: ChannelsOptions): ChannelBook {
  const { clock, check } = options;
  const feeds = new Map<string, Feed>();
  const dirty = new Set<Feed>();
  let lastId = 0;
  // The server's default, until it says its own.
  let limit = 1000;
  let isSetDue = false;
  let closed = false;

  const receive = createReceive({ ...options, tell, caughtUp });

  function tell(feed: Feed, call: (on: Listener) => void): void {
    for (const { listeners } of Array.from(feed.readers)) listeners.each(call);
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
      const wanted = new Map<string, number>();
      for (const [channel, feed] of feeds) {
        if (!feed.readers.size && !feed.grace) feeds.delete(channel);
        else if (wanted.size < limit) wanted.set(channel, feed.id);
        else {
          // Asked for, it would have the whole set refused.
          feed.status = 'error';
          feed.error = new PubSubError('too_many_channels', `A stream carries ${limit} channels.`);
          feed.changed();
        }
      }
      options.want(wanted);
    });
  }

  function addFeed(channel: string): Feed {
    const feed: Feed = {
      id: ++lastId,
      channel,
      readers: new Set(),
      limit: 0,
      owner: 0,
      status: 'subscribing',
      events: [],
      first: 0,
      begun: 0,
      top: -1,
      version: 0,
      changed() {
        feed.version += 1;
        if (!dirty.size) options.schedule(flush);
        dirty.add(feed);
      },
    };
    feeds.set(channel, feed);
    setChanged();
    return feed;
  }

  function caughtUp(feed: Feed): void {
    for (const reader of feed.readers) if (reader.lacks) void load(feed, reader);
  }

  /** More history than the stream brought: read by a request of its own, put in front of what is held. */
  async function load(feed: Feed, reader: Reader): Promise<void> {
    try {
      const count = Math.min(maxHistory, reader.history + endOf(feed) - reader.since);
      const { events } = await options.history(feed.channel, count);
      const held = new Set(feed.events.map(({ id }) => id));
      const older: EventEnvelope[] = [];
      for (const { cursor, ...event } of events) {
        // What is beyond the position comes by the stream.
        if (
          held.has(event.id) ||
          !covers(feed.position, cursor) ||
          (check(event) && !options.passInvalid)
        )
          continue;
        older.push({ ...event, meta: { ...event.meta, replayed: true } });
      }
      feed.events.unshift(...older);
      feed.first -= older.length;
      reader.lacks = false;
    } catch (error) {
      feed.error = error as PubSubError;
      tell(feed, (on) => on.onError?.(error as PubSubError));
    }
    feed.changed();
  }

  return {
    feeds,
    join(channel, reader) {
      if (closed) return;
      const feed = feeds.get(channel) ?? addFeed(channel);
      clock.clearTimeout(feed.grace);
      feed.grace = 0;
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
        feed.grace = 0;
        setChanged();
      }, options.graceMs);
    },
    request: (asked) =>
      [...asked.keys()].map((channel) => {
        const feed = feeds.get(channel);
        if (!feed) return { channel };
        const { position, readers } = feed;
        feed.asked = position;
        feed.begun = Math.max(...[...readers].map(({ history }) => history), 0);
        return {
          channel,
          cursor: position && formatCursor(position),
          history: feed.begun || undefined,
        };
      }),
    receive({ no, asked }, frame) {
      if (frame.type === 'hello' && frame.limits) {
        limit = frame.limits.channels;
        setChanged();
      }
      if (frame.type === 'heartbeat') {
        for (const channel in frame.positions) {
          const feed = feeds.get(channel);
          if (feed?.owner === no) moveOn(feed, parseCursor(frame.positions[channel]));
        }
        return;
      }
      const { channel = '' } =
        frame.type === 'event' ? frame.envelope : (frame as { channel?: string });
      const feed = feeds.get(channel);
      // A stream opened for an earlier subscription of this address has nothing to say about this one.
      if (feed && asked.get(channel) === feed.id) receive(feed, no, frame);
    },
    release({ no }) {
      for (const feed of feeds.values()) {
        if (feed.owner !== no || (feed.status !== 'live' && feed.status !== 'replaying')) continue;
        feed.status = 'subscribing';
        feed.changed();
      }
    },
    close() {
      closed = true;
      for (const feed of feeds.values()) {
        clock.clearTimeout(feed.grace);
        feed.status = 'closed';
        feed.changed();
      }
      flush();
      for (const { readers } of feeds.values())
        for (const { listeners } of readers) listeners.clear();
    },
  };
}
