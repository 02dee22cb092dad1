import { PubSubError, type AnyContract } from '@hipponot/pubsub-core';
import { createChannelStore } from '../channels/channel-store.ts';
import { createChannels } from '../channels/channels.ts';
import { readHistory } from '../channels/read-history.ts';
import { createEmit } from '../emit/create-emit.ts';
import { createAsk } from '../http/ask.ts';
import { createSendRequest } from '../http/send-request.ts';
import { createListeners } from '../listeners.ts';
import { systemClock } from '../sse/clock.ts';
import { createConnection } from '../sse/connection.ts';
import { fetchTransport } from '../sse/fetch-transport.ts';
import type { Tap, TapRecord } from '../tap.ts';
import type { Check } from '../channels/receive.ts';
import type { ClientOptions } from './client-options.ts';
import { networkSignals } from './page-signals.ts';
import type { PubSubClient } from './pubsub-client.ts';

/**
 * Makes a client: one stream that carries every subscribed channel, opened with the first listener.
 * Give it the contract to check payloads, or its type alone: `createClient<typeof contract>({ url })`.
 *
 * @example
 * const client = createClient<typeof contract>({ url: '/pubsub' });
 * const orders = client.channel('orders', { history: 50 });
 * const undo = orders.listen({ onEvent: (event) => console.log(event.payload) });
 */
export function createClient<C extends AnyContract>(options: ClientOptions<C>): PubSubClient<C> {
  const {
    contract,
    validation,
    lifecycle = true,
    graceMs = 1000,
    stableMs = 5_000,
    connectTimeoutMs = 15_000,
    requestTimeoutMs = 30_000,
    backoff: { baseMs = 500, maxMs = 30_000 } = {},
    clock = systemClock,
    random = Math.random,
    schedule = queueMicrotask,
  } = options;
  const taps = createListeners<(record: TapRecord) => void>();
  const listeners = createListeners<() => void>();
  const closing = new AbortController();

  const tap: Tap = (make) => {
    if (!taps.size) return;
    const record = { at: clock.now(), ...make() };
    taps.each((listener) => listener(record));
  };
  const check: Check = ({ name, payload }) => contract?.check(name, payload);
  const send = createSendRequest(options);
  const ask = createAsk(send, closing.signal, requestTimeoutMs);
  const channels = createChannels({
    clock,
    graceMs,
    passInvalid: validation === 'pass',
    tap,
    // Called with no `this`: browsers refuse their own functions on a foreign one.
    schedule: (flush) => schedule(flush),
    check,
    want: (set) => connection.want(set),
    history: (channel, limit) => readHistory(ask, channel, { limit }),
  });
  const connection = createConnection({
    ...channels,
    transport: options.transport ?? fetchTransport(send),
    clock,
    random,
    policy: { baseMs, maxMs, stableMs, connectTimeoutMs },
    signals: lifecycle === true ? networkSignals : lifecycle || undefined,
    changed(status) {
      tap(() => ({ type: 'connection', status }));
      listeners.each((listener) => listener());
    },
  });

  const client = {
    connection: { getSnapshot: connection.status, subscribe: listeners.add },
    channel: createChannelStore.bind(undefined, channels),
    emit: createEmit(ask, tap, check),
    history: readHistory.bind(undefined, ask),
    pause: () => connection.pause('manual'),
    resume: () => connection.resume('manual'),
    tap: taps.add,
    close() {
      closing.abort(new PubSubError('closed', 'The client was closed.'));
      channels.close();
      connection.close();
      taps.clear();
      listeners.clear();
    },
  };
  // Names and addresses carry their types in the contract alone: at run time they are text.
  return client as unknown as PubSubClient<C>;
}
