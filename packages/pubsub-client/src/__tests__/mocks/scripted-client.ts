import type { AnyContract, EventEnvelope } from '@hipponot/pubsub-core';
import { createClient } from '../../client/create-client.ts';
import type { ClientOptions } from '../../client/client-options.ts';
import type {
  ChannelOptions,
  ChannelStore,
  EmitReceipt,
  HistoryPage,
} from '../../client/pubsub-client.ts';
import type { PubSubClient } from '../../client/pubsub-client.ts';
import { FakeClock } from './fake-clock.ts';
import { ScriptedTransport } from './scripted-transport.ts';

/** A client of no contract: every name and address is taken, every payload unknown. */
export interface LooseClient extends Pick<
  PubSubClient<AnyContract>,
  'connection' | 'pause' | 'resume' | 'tap' | 'close'
> {
  channel(channel: string, options?: ChannelOptions): ChannelStore;
  emit(
    name: string,
    payload: unknown,
    options?: { channel?: string; id?: string; signal?: AbortSignal },
  ): Promise<EmitReceipt<unknown>>;
  history(channel: string, options?: { limit?: number }): Promise<HistoryPage<EventEnvelope>>;
}

export interface Scripted {
  readonly client: LooseClient;
  readonly transport: ScriptedTransport;
  readonly clock: FakeClock;
}

/** A client on a fake clock and a scripted transport; `random` is always a half. */
export function scriptedClient(options: Partial<ClientOptions<AnyContract>> = {}): Scripted {
  const transport = new ScriptedTransport();
  const clock = new FakeClock();
  const client = createClient({
    url: 'http://127.0.0.1:1/pubsub',
    transport,
    clock,
    random: () => 0.5,
    lifecycle: false,
    ...options,
  }) as unknown as LooseClient;
  return { client, transport, clock };
}
