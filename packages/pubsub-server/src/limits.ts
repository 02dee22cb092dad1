import { PubSubError } from '@hipponot/pubsub-core';

/** Every bound of the server. Each has a clear error when it is met. */
export interface Limits {
  /** Channels of one SDK stream. Beyond: `too_many_channels`. @default 1000 */
  readonly channels: number;
  /** Channels of one plain stream (`EventSource`, curl, tRPC): their positions travel in one id. @default 32 */
  readonly plainChannels: number;
  /** One event as JSON, in bytes. Beyond: `event_too_large`. @default 262_144 (256 KiB) */
  readonly eventBytes: number;
  /** One request body, in bytes. Beyond: `body_too_large`. @default 1_048_576 (1 MiB) */
  readonly bodyBytes: number;
  /** Open streams of this process. Beyond: `too_many_streams`. @default 10_000 */
  readonly streams: number;
  /** Open streams of one signed-in user in this process. Beyond: `too_many_streams`. @default 100 */
  readonly streamsPerUser: number;
  /**
   * Bytes that may wait for one connection that does not keep up, with those its socket holds. Beyond: the
   * stream ends, and the client recovers by replay. What one turn of the event loop brings to a connection
   * that was keeping up may be more for 2 seconds. @default 1_048_576 (1 MiB)
   */
  readonly bufferedBytes: number;
  /** Events of one history answer, and of `history` on subscribe. Beyond: `bad_request`. @default 1000 */
  readonly historyEvents: number;
  /** Events read from the log at a time while a channel replays. @default 200 */
  readonly replayPage: number;
  /** Live events held while a channel replays. Beyond: they are read from the log instead. @default 1000 */
  readonly replayBuffer: number;
  /** Bytes of encoded events kept to share between live delivery and replay. @default 8_388_608 (8 MiB) */
  readonly frameCacheBytes: number;
  /** Emit ids remembered. Beyond: the oldest finished one is forgotten. @default 100_000 */
  readonly emitIds: number;
  /** Bytes of emit ids and results remembered. Beyond, as with `emitIds`. @default 67_108_864 (64 MiB) */
  readonly emitBytes: number;
  /** Emits running at once. Beyond: `unavailable`. @default 1000 */
  readonly emits: number;
  /** Emits of one signed-in user running or waiting at once. Beyond: `too_many_emits`. @default 100 */
  readonly emitsPerUser: number;
  /**
   * Rechecks in a row in which a policy threw, or gave no answer in 10 s, before the open channel ends
   * with a retryable `revoked`. Until then the right stays as it was. 1: it ends at once. @default 3
   */
  readonly failedRechecks: number;
  /**
   * Milliseconds that an SDK stream at the end of its life serves on after the `retryMs` of its `drain`,
   * for its successor to take over. Never beyond the credentials. @default 10_000
   */
  readonly lingerMs: number;
}

const defaults: Limits = {
  channels: 1000,
  plainChannels: 32,
  eventBytes: 262_144,
  bodyBytes: 1_048_576,
  streams: 10_000,
  streamsPerUser: 100,
  bufferedBytes: 1_048_576,
  historyEvents: 1000,
  replayPage: 200,
  replayBuffer: 1000,
  frameCacheBytes: 8_388_608,
  emitIds: 100_000,
  emitBytes: 67_108_864,
  emits: 1000,
  emitsPerUser: 100,
  failedRechecks: 3,
  lingerMs: 10_000,
};

/** Fills in the defaults. @throws {PubSubError} `bad_options` for a bound that is no whole number ≥ 1 */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits = { ...defaults, ...given };
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const value = limits[name];
    if (!Object.hasOwn(defaults, name) || !Number.isSafeInteger(value) || value < 1) {
      throw new PubSubError(
        'bad_options',
        `The limit "${name}" is ${String(value)}: limits are ${Object.keys(defaults).join(', ')}, each a whole number from 1.`,
        { path: ['limits', name] },
      );
    }
  }
  return limits;
}
