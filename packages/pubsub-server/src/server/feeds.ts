import { ChannelFeed, type FeedDeps, type FeedListener } from './channel-feed.ts';

/** The channels that have subscribers on this node. A feed lives from its first listener to its last. */
export class Feeds {
  readonly #deps: FeedDeps;
  readonly #feeds = new Map<string, ChannelFeed>();

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  /** Attaches live delivery: await the feed's `ready`, and {@link leave} whatever becomes of it. */
  join(channel: string, listener: FeedListener): ChannelFeed {
    const feed = this.#feeds.get(channel) ?? this.#open(channel);
    feed.add(listener);
    return feed;
  }

  leave(feed: ChannelFeed, listener: FeedListener): void {
    if (!feed.remove(listener) || feed.listenerCount > 0) return;
    // A feed that failed to open may already have been replaced.
    if (this.#feeds.get(feed.channel) === feed) this.#feeds.delete(feed.channel);
    feed.close();
  }

  /** After the link to the backend came back: every channel may have missed something. */
  healAll(): void {
    for (const feed of this.#feeds.values()) feed.heal();
  }

  /** Live channels with their subscribers. */
  counts(): { channel: string; subscribers: number }[] {
    return [...this.#feeds.values()].map((feed) => ({
      channel: feed.channel,
      subscribers: feed.listenerCount,
    }));
  }

  #open(channel: string): ChannelFeed {
    const feed = new ChannelFeed(channel, this.#deps);
    this.#feeds.set(channel, feed);
    feed.ready.catch(() => {
      // The next subscriber tries again instead of sharing this refusal for ever.
      if (this.#feeds.get(channel) === feed) this.#feeds.delete(channel);
    });
    return feed;
  }
}
