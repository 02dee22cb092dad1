import { PubSubError } from '@hipponot/pubsub-core';

/** What {@link memory} takes. Times in milliseconds. */
export interface MemoryOptions {
  /** How long a published id is remembered; 0: not at all. @default 300_000 (5 minutes) */
  readonly idempotencyWindowMs?: number;
  /** At most this many ids are remembered a channel, the newest. @default 10_000 */
  readonly maxIdsPerChannel?: number;
  /**
   * How long a channel that nobody uses keeps its epoch and offset after its events expired; a cursor
   * kept longer than this is a `reset`. @default 2_592_000_000 (30 days)
   */
  readonly positionTtlMs?: number;
  /**
   * At most this many channels that were published to or have a subscriber; reading makes none. A new one
   * beyond takes the place of one without a subscriber: first of those that never held an event, then the
   * longest idle one. Where every one has a subscriber, it is refused with `overflow`. @default 100_000
   */
  readonly maxChannels?: number;
  /** Hears what a subscriber threw. @default console.error */
  readonly onError?: (error: unknown, context: { readonly channel: string }) => void;
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** Fills in the defaults. @throws {PubSubError} `bad_options` naming the option */
export function resolveMemoryOptions(options: MemoryOptions): Required<MemoryOptions> {
  const resolved = {
    idempotencyWindowMs: options.idempotencyWindowMs ?? 300_000,
    maxIdsPerChannel: options.maxIdsPerChannel ?? 10_000,
    positionTtlMs: options.positionTtlMs ?? 2_592_000_000,
    maxChannels: options.maxChannels ?? 100_000,
    onError: options.onError ?? logToConsole,
    now: options.now ?? Date.now,
  };
  atLeast(0, 'idempotencyWindowMs', resolved.idempotencyWindowMs);
  atLeast(1, 'maxIdsPerChannel', resolved.maxIdsPerChannel);
  atLeast(1, 'maxChannels', resolved.maxChannels);
  // A log that is dropped takes its ids along: the announced window must end first.
  atLeast(Math.max(1, resolved.idempotencyWindowMs), 'positionTtlMs', resolved.positionTtlMs);
  if (typeof resolved.onError !== 'function')
    throw wrong('onError', resolved.onError, 'a function');
  if (typeof resolved.now !== 'function') throw wrong('now', resolved.now, 'a function');
  return resolved;
}

function atLeast(least: number, option: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw wrong(option, value, `a whole number, ${least} or more`);
  }
}

function wrong(option: string, value: unknown, expected: string): PubSubError {
  return new PubSubError(
    'bad_options',
    `memory(): \`${option}\` is ${String(value)}, but must be ${expected}.`,
    {
      path: [option],
    },
  );
}

/** The default `onError`. */
export function logToConsole(error: unknown, { channel }: { readonly channel: string }): void {
  // oxlint-disable-next-line no-console -- the stated default where the app gives no onError
  console.error(`pubsub memory adapter: a subscriber of "${channel}" threw`, error);
}
