import type { Cursor, EventEnvelope, PubSubAdapter } from '@hipponot/pubsub-core';

interface Published {
  readonly id: string;
  readonly offset: number;
}

/** What was published, noted down beside the log: the page's ledger is held against it. */
export interface Journal {
  /** What was published to the channel after the position; from its start, for another epoch. */
  since(
    channel: string,
    after: Cursor,
  ): { readonly epoch: string; readonly published: readonly Published[] };
}

interface Page {
  epoch: string;
  published: Published[];
}

/** Per channel the newest this many are remembered, and at most this many channels. */
const publishedLimit = 5_000;
const channelLimit = 100;

/** The same adapter, with a note of every event that it accepted. */
export function journaled(adapter: PubSubAdapter): { adapter: PubSubAdapter; journal: Journal } {
  const pages = new Map<string, Page>();

  function note(channel: string, id: string, { epoch, offset }: Cursor): void {
    let page = pages.get(channel);
    if (page?.epoch !== epoch) {
      if (pages.size >= channelLimit) pages.delete(pages.keys().next().value ?? '');
      pages.set(channel, (page = { epoch, published: [] }));
    }
    page.published.push({ id, offset });
    if (page.published.length > publishedLimit) page.published.shift();
  }

  return {
    adapter: {
      name: adapter.name,
      capabilities: adapter.capabilities,
      start: () => adapter.start(),
      stop: () => adapter.stop(),
      subscribe: (channel, deliver) => adapter.subscribe(channel, deliver),
      read: (channel, options) => adapter.read(channel, options),
      position: (channel) => adapter.position(channel),
      trim: (channel, through) => adapter.trim(channel, through),
      health: () => adapter.health(),
      async publish(channel, record) {
        const receipt = await adapter.publish(channel, record);
        // The id that clients see. The record's own only tells repeats apart, and is scoped for emits.
        const { id } = JSON.parse(record.json) as EventEnvelope;
        if (!receipt.duplicate) note(channel, id, receipt.cursor);
        return receipt;
      },
    },
    journal: {
      since(channel, after) {
        const page = pages.get(channel);
        if (!page) return { epoch: after.epoch, published: [] };
        const from = page.epoch === after.epoch ? after.offset : 0;
        const first = page.published.findIndex(({ offset }) => offset > from);
        return { epoch: page.epoch, published: first === -1 ? [] : page.published.slice(first) };
      },
    },
  };
}
