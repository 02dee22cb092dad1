/** One import of the budget table: what an app writes, and how many bytes it may cost. */
export interface Budget {
  readonly name: string;
  /** Bytes, minified and gzipped, no schema library. 1 kB is 1,000 bytes. */
  readonly limit: number;
  /**
   * Where the row is over its budget today: what it may weigh until it is mended. Every run says so
   * aloud, and a byte more than this fails. Lower it with every byte saved; it goes when the budget holds.
   */
  readonly ceiling?: number;
  /** The names that an app imports, by entry. They come on top of those of `on`. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** The row this one is added to: its bytes are taken off. Without it the row counts whole. */
  readonly on?: string;
}

const client = '@hipponot/pubsub-client';
const react = '@hipponot/pubsub-react';

/** The budgets the product promises. A row whose entry does not exist is listed as not built yet. */
export const budgets: readonly Budget[] = [
  { name: 'client', limit: 6000, ceiling: 9950, imports: { [client]: ['createClient'] } },
  {
    name: '+ hooks',
    limit: 2000,
    on: 'client',
    imports: { [react]: ['PubSubProvider', 'useChannel', 'useEvent', 'useConnection'] },
  },
  { name: '+ optimistic emit', limit: 2000, on: '+ hooks', imports: { [react]: ['useEmit'] } },
  {
    name: '+ outbox',
    limit: 2000,
    on: 'client',
    imports: { [`${client}/outbox`]: ['indexedDbOutbox'] },
  },
  {
    name: '+ tabs',
    limit: 1500,
    on: 'client',
    imports: { [`${client}/tabs`]: ['shareAcrossTabs'] },
  },
];

/** Everything that exists, in one bundle. */
export const wholeLimit = 13_000;
