import { assertAddress, type EventEnvelope } from '@hipponot/pubsub-core';
import type { ChannelOptions, ChannelStore } from '../client/pubsub-client.ts';
import { createListeners } from '../listeners.ts';
import type { ChannelSnapshot } from './channel-snapshot.ts';
import { maxHistory, type ChannelBook } from './channels.ts';
import { endOf, type Feed, type Listener, type Reader } from './feed.ts';

const unsubscribed: ChannelSnapshot = {
  events: [],
  latest: undefined,
  status: 'unsubscribed',
  recovery: undefined,
  error: undefined,
};

/**
 * One view of an address: its own part of the feed's events, its own listeners.
 *
 * @throws {PubSubError} `bad_channel`: one illegal address would have the whole set refused
 */
export function createChannelStore(
  channels: ChannelBook,
  channel: string,
  options: ChannelOptions = {},
): ChannelStore {
  assertAddress(channel);
  const history = Math.min(Math.max(Math.floor(options.history ?? 0) || 0, 0), maxHistory);
  const limit = options.limit ?? Math.max(100, history);
  const listeners = createListeners<Listener>();
  const reader: Reader = { history, limit, feed: undefined, since: 0, lacks: false, listeners };
  let made: Feed | undefined;
  let version = 0;
  let snapshot = unsubscribed;

  function add(on: Listener): () => void {
    const undo = listeners.add(on);
    channels.join(channel, reader);
    return () => {
      undo();
      if (!listeners.size) channels.leave(reader);
    };
  }

  return {
    channel,
    getSnapshot() {
      const feed = channels.feeds.get(channel);
      if (!feed) return unsubscribed;
      if (made === feed && version === feed.version) return snapshot;
      const end = endOf(feed);
      // Read before it is subscribed, it shows what it would show if it were.
      const since = feed === reader.feed ? reader.since : end;
      const start = Math.max(since - history, end - limit, feed.first);
      const events: EventEnvelope[] = feed.events.slice(start - feed.first);
      if (feed.overlay) events.push(...feed.overlay.events);
      if (events.length > limit) events.splice(0, events.length - limit);
      const { status, recovery, error } = feed;
      made = feed;
      version = feed.version;
      snapshot = { events, latest: events.at(-1), status, recovery, error };
      return snapshot;
    },
    subscribe: (onChange) => add({ onChange }),
    listen: add,
    '~feed': () => channels.feeds.get(channel),
  };
}
