import type {
  AdapterCapabilities,
  LogEntry,
  PublishReceipt,
  PublishRecord,
  PubSubAdapter,
} from '@hipponot/pubsub-core';
import { createLifecycle } from '../lifecycle.ts';
import { LogStore, type StoredLog } from './log-store.ts';
import { logToConsole, resolveMemoryOptions, type MemoryOptions } from './memory-options.ts';

const sweepEveryMs = 5000;

/**
 * The adapter that keeps everything in this process: for development, tests, and servers of one
 * process. Contiguous offsets, exact gaps. `stop` drops every log; after the next `start` each channel
 * has a new epoch, so cursors from before are a `reset`, never a wrong position.
 *
 * Entries appended in one turn are delivered together, in a microtask, before the publisher's `await`
 * goes on.
 *
 * @throws {PubSubError} `bad_options`
 */
export function memory(options: MemoryOptions = {}): PubSubAdapter {
  const resolved = resolveMemoryOptions(options);
  const { now } = resolved;
  const store = new LogStore(resolved);
  const lifecycle = createLifecycle('memory', open, close);
  let sweeper: ReturnType<typeof setInterval> | undefined;
  let dirty: StoredLog[] = [];

  const capabilities: AdapterCapabilities = {
    persistence: 'none',
    contiguous: true,
    gapDetection: 'exact',
    idempotencyWindowMs: resolved.idempotencyWindowMs,
    idempotencyMaxIds: resolved.maxIdsPerChannel,
    multiNode: false,
  };

  function open(): void {
    sweeper = setInterval(() => store.sweep(now()), sweepEveryMs);
    // Node only: the sweep alone must not keep a process alive. In a browser it is a number.
    if (typeof sweeper === 'object') sweeper.unref();
  }

  function close(): void {
    clearInterval(sweeper);
    // What was accepted is delivered by now: its flush was queued before this step of the lifecycle.
    store.clear();
  }

  function append(channel: string, record: PublishRecord): PublishReceipt {
    const { stored, receipt, entry } = store.append(channel, record, now());
    if (entry) enqueue(stored, entry);
    return receipt;
  }

  function enqueue(stored: StoredLog, entry: LogEntry): void {
    if (!stored.fanOut.push(entry)) return;
    if (dirty.push(stored) === 1) queueMicrotask(flush);
  }

  function flush(): void {
    const ready = dirty;
    dirty = [];
    for (const { log, fanOut } of ready) fanOut.flush((error) => report(error, log.channel));
  }

  function report(error: unknown, channel: string): void {
    try {
      resolved.onError(error, { channel });
    } catch (second) {
      // A broken reporter must not stop the delivery that it reports on.
      logToConsole(second, { channel });
    }
  }

  return {
    name: 'memory',
    capabilities,
    start: lifecycle.start,
    stop: lifecycle.stop,
    publish: (channel, record) => lifecycle.run('publish', () => append(channel, record)),
    subscribe: (channel, deliver) =>
      lifecycle.run('subscribe', () => store.subscribe(channel, deliver)),
    read: (channel, query) =>
      lifecycle.run('read', () => store.look(channel, now()).read(query, now())),
    position: (channel) => lifecycle.run('position', () => store.look(channel, now()).top),
    trim: (channel, through) => lifecycle.run('trim', () => store.peek(channel)?.log.trim(through)),
    health: async () =>
      lifecycle.state === 'started'
        ? { status: 'up' }
        : { status: 'down', detail: lifecycle.state },
  };
}
