import { PubSubError, type Logger, type PubSubAdapter } from '@hipponot/pubsub-core';
import { unavailable } from '../publish.ts';
import type { Feeds } from './feeds.ts';
import type { FrameCache } from './frame.ts';
import type { Hub } from './hub.ts';
import type { ServerState } from './server-context.ts';

/** What starting and stopping touch. */
export interface LifecycleDeps {
  readonly adapter: PubSubAdapter;
  readonly hub: Hub;
  readonly feeds: Feeds;
  readonly frames: FrameCache;
  /** Emits that are running. */
  readonly running: ReadonlySet<Promise<unknown>>;
  readonly logger: Logger;
  /** Asks again about the rights of every open channel. */
  readonly recheck: () => Promise<void>;
  readonly recheckMs: number;
}

/** Starts the adapter on first use, and stops in the order that loses nothing: streams, emits, adapter. */
export class Lifecycle {
  state: ServerState = 'idle';
  /** Aborted when the server no longer waits for running actions. */
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  readonly #deps: LifecycleDeps;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #unlink: (() => void) | undefined;
  #rechecks: NodeJS.Timeout | undefined;
  #rechecking = false;

  constructor(deps: LifecycleDeps) {
    this.#deps = deps;
    this.signal = this.#abort.signal;
  }

  /** @throws {PubSubError} `unavailable` while the adapter cannot start, and from `stop` on */
  ready(): Promise<void> {
    if (this.state === 'stopping' || this.state === 'stopped') {
      return Promise.reject(stopping());
    }
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** As {@link ready}, but what running actions publish still goes through while the server drains. */
  open(): Promise<void> {
    return this.state === 'stopping' && this.#starting ? this.#starting : this.ready();
  }

  stop(drainMs: number): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  async #start(): Promise<void> {
    const { adapter, feeds, recheckMs } = this.#deps;
    this.state = 'starting';
    try {
      await adapter.start();
    } catch (cause) {
      // The next use tries again.
      this.#starting = undefined;
      if (this.state === 'starting') this.state = 'idle';
      throw unavailable(`The ${adapter.name} adapter did not start.`, cause);
    }
    if (this.state !== 'starting') throw stopping();
    this.state = 'started';
    this.#rechecks = setInterval(() => void this.#recheck(), recheckMs).unref();
    this.#unlink = adapter.onLink?.((event) => {
      if (event === 'resumed') feeds.healAll();
    });
  }

  async #stop(drainMs: number): Promise<void> {
    const { adapter, hub, frames, running } = this.#deps;
    const deadline = performance.now() + drainMs;
    this.state = 'stopping';
    await this.#starting?.catch(() => undefined);
    await hub.drain(drainMs);
    await settledBefore(deadline, [...running]);
    this.#abort.abort();
    this.#unlink?.();
    clearInterval(this.#rechecks);
    frames.clear();
    await adapter.stop();
    this.state = 'stopped';
  }

  async #recheck(): Promise<void> {
    // Slow policies must not pile up.
    if (this.#rechecking) return;
    this.#rechecking = true;
    try {
      await this.#deps.recheck();
    } catch (error) {
      // A fault here must neither end the process nor the rechecks to come.
      this.#deps.logger.error('The rights of open channels could not be asked again.', error);
    } finally {
      this.#rechecking = false;
    }
  }
}

/** What a request gets from a server that is going down. */
export function stopping(): PubSubError {
  return new PubSubError('unavailable', 'The server is stopping.', {
    retryable: true,
    retryAfterMs: 2000,
  });
}

async function settledBefore(
  deadline: number,
  promises: readonly Promise<unknown>[],
): Promise<void> {
  if (promises.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
  });
  await Promise.race([Promise.allSettled(promises), timeout]);
  clearTimeout(timer);
}
