import type {
  ChannelHandlers,
  ChannelOptions,
  ChannelSnapshot,
  ChannelStore,
  ConnectionStatus,
  EmitReceipt,
  PubSubClient,
  Recovery,
} from '@hipponot/pubsub-client';
import type { EventEnvelope, EventName } from '@hipponot/pubsub-core';
import type { contract } from '../test-contract.ts';

/** A channel whose events the test delivers by hand. It advances at once, as a real store does. */
export class FakeChannel implements ChannelStore {
  readonly channel: string;
  readonly options: ChannelOptions;
  readonly #listeners = new Set<() => void>();
  readonly #handlers = new Set<ChannelHandlers<EventEnvelope>>();
  /** How often it went from no listener to one: what a client without grace would attach. */
  attaches = 0;
  #snapshot: ChannelSnapshot = {
    events: [],
    latest: undefined,
    status: 'unsubscribed',
    recovery: undefined,
    error: undefined,
  };

  constructor(channel: string, options: ChannelOptions) {
    this.channel = channel;
    this.options = options;
  }

  get listeners(): number {
    return this.#listeners.size + this.#handlers.size;
  }

  // Methods that need `this`: a hook that tears them off fails here.
  getSnapshot(): ChannelSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    return this.#add(this.#listeners, listener);
  }

  listen(handlers: ChannelHandlers<EventEnvelope>): () => void {
    return this.#add(this.#handlers, handlers);
  }

  deliver(name: EventName, payload: unknown): EventEnvelope {
    const events = this.#snapshot.events;
    const offset = events.length + 1;
    const event: EventEnvelope = {
      id: `${this.channel}-${offset}`,
      name,
      channel: this.channel,
      payload,
      timestamp: '2026-01-01T00:00:00.000Z',
    };
    for (const handlers of this.#handlers) handlers.onEvent?.(event, { epoch: 'e', offset });
    this.change({ events: [...events, event], latest: event });
    return event;
  }

  lose(recovery: Recovery): void {
    for (const handlers of this.#handlers) handlers.onGap?.(recovery);
    this.change({ recovery });
  }

  change(part: Partial<ChannelSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...part };
    this.notify();
  }

  /** Tells everyone, also when nothing changed. */
  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #add<T>(all: Set<T>, one: T): () => void {
    if (this.listeners === 0) this.attaches += 1;
    all.add(one);
    return () => {
      all.delete(one);
    };
  }
}

/** A client with no network: channels, connection and the answers to emits are the test's. */
export class FakeClient {
  readonly channels = new Map<string, FakeChannel>();
  readonly emits: FakeEmit[] = [];
  readonly #listeners = new Set<() => void>();
  #status: ConnectionStatus = { state: 'idle' };

  readonly connection = {
    getSnapshot: (): ConnectionStatus => this.#status,
    subscribe: (listener: () => void): (() => void) => {
      this.#listeners.add(listener);
      return () => {
        this.#listeners.delete(listener);
      };
    },
  };

  get connectionListeners(): number {
    return this.#listeners.size;
  }

  setConnection(status: ConnectionStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }

  channel(channel: string, options: ChannelOptions = {}): FakeChannel {
    const key = `${channel} ${options.history ?? 0} ${options.limit ?? ''}`;
    const known = this.channels.get(key);
    if (known) return known;
    const made = new FakeChannel(channel, options);
    this.channels.set(key, made);
    return made;
  }

  emit(
    name: string,
    payload: unknown,
    { channel, id }: { channel?: string; id?: string } = {},
  ): Promise<EmitReceipt<unknown>> {
    return new Promise((resolve, reject) => {
      this.emits.push({ name, payload, channel, id, resolve, reject });
    });
  }

  /** As the hooks take it. */
  get typed(): PubSubClient<typeof contract> {
    return this as unknown as PubSubClient<typeof contract>;
  }
}

export interface FakeEmit {
  readonly name: string;
  readonly payload: unknown;
  readonly channel: string | undefined;
  readonly id: string | undefined;
  readonly resolve: (receipt: EmitReceipt<unknown>) => void;
  readonly reject: (error: unknown) => void;
}
