import type { AnyContract } from '@hipponot/pubsub-core';
import type { HeadersSource } from '../http/send-request.ts';
import type { Clock } from '../sse/clock.ts';
import type { Transport } from '../sse/transport.ts';
import type { PageSignals } from './page-signals.ts';

/** The argument of `createClient`. Times in milliseconds. */
export interface ClientOptions<C extends AnyContract> {
  /**
   * Where the server's endpoints are, such as `/pubsub` in a page or `https://api.example.com/pubsub`.
   */
  readonly url: string;
  /** With the contract, payloads are checked against its schemas. With its type alone, no schema is loaded. */
  readonly contract?: C;
  /**
   * What becomes of an arriving event that does not fit its schema: `skip` tells `onError` and leaves it
   * out, `pass` tells and delivers it. Counts only with a contract. @default 'skip'
   */
  readonly validation?: 'skip' | 'pass';
  /** Sent with every request. A function is called for every attempt. */
  readonly headers?: HeadersSource;
  /** Whether cookies go to another origin, as for `fetch`. */
  readonly credentials?: RequestCredentials;
  /** @default globalThis.fetch */
  readonly fetch?: typeof fetch;
  /** How long a channel stays subscribed after its last listener left. @default 1000 */
  readonly graceMs?: number;
  /** From an attempt to the server's first frame. @default 15_000 */
  readonly connectTimeoutMs?: number;
  /** How long an emit or a history request may take. @default 30_000 */
  readonly requestTimeoutMs?: number;
  /** A stream this old was healthy: the failures before it no longer count. @default 5_000 */
  readonly stableMs?: number;
  /** The first retry waits up to `baseMs`, at random; failures double it up to `maxMs`. @default 500 and 30_000 */
  readonly backoff?: { readonly baseMs?: number; readonly maxMs?: number };
  /**
   * What pauses the connection by itself: `true` the browser's online and offline, `false` nothing, or
   * signals of your own. @default true
   */
  readonly lifecycle?: boolean | PageSignals;
  /**
   * When listeners of channel stores are called after a change; stores themselves are never late.
   * @default queueMicrotask
   */
  readonly schedule?: (flush: () => void) => void;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests: 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** For tests: another way to the stream. Emit and history still use `fetch`. */
  readonly transport?: Transport;
}
