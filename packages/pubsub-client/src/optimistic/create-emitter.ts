import {
  familyOf,
  PubSubError,
  type AddressArgs,
  type AnyContract,
  type ChannelFor,
  type EmittableName,
  type EventName,
  type EventNamed,
  type PayloadInputOf,
  type ResultOf,
} from '@hipponot/pubsub-core';
import type {
  ChannelStore,
  EmitOptions,
  EmitReceipt,
  PubSubClient,
  Readable,
} from '../client/pubsub-client.ts';
import { newId } from '../emit/new-id.ts';
import { createListeners } from '../listeners.ts';
import type { EmitState } from '../tap.ts';
import { showOwn } from './own-events.ts';

/** Where the last emit of an emitter stands. */
export interface EmitterState<Result> {
  /** `acked`: the server took it; `confirmed`: its echo is there too, or there will be none. */
  readonly status: 'idle' | EmitState;
  /** Sent, and neither confirmed nor refused. */
  readonly isPending: boolean;
  /** What the action answered. */
  readonly data: Result | undefined;
  /** Why it was taken back. */
  readonly error: PubSubError | undefined;
}

/** Sends one event, again and again; its state is that of the last emit. */
export interface Emitter<Payload, Result, Options = EmitOptions> extends Readable<
  EmitterState<Result>
> {
  /** Sends and never throws: what becomes of it is in the state. */
  emit(payload: Payload, options?: Options): void;
  /** Sends and resolves with the server's ack. Rejects with a {@link PubSubError}. */
  emitAsync(payload: Payload, options?: Options): Promise<EmitReceipt<Result>>;
  /** Forgets the last emit: `idle` again. Cancels nothing. */
  reset(): void;
}

type EmitterOf<C extends AnyContract, Name extends EmittableName<C>> = Emitter<
  PayloadInputOf<EventNamed<C, Name>>,
  ResultOf<EventNamed<C, Name>>,
  EmitOptions & { readonly channel?: ChannelFor<C, Name> }
>;

/** A client of any contract, as far as an emitter uses it. */
interface AnyClient {
  emit(
    name: string,
    payload: unknown,
    options: EmitOptions & { channel: string },
  ): Promise<EmitReceipt<unknown>>;
  channel(channel: string): ChannelStore;
}

const idle: EmitterState<never> = {
  status: 'idle',
  isPending: false,
  data: undefined,
  error: undefined,
};

/**
 * Makes an emitter whose events show at once in the snapshots of their channel, with
 * `meta.optimistic: true`. The echo takes the event's place; a refusal takes it out again and says why.
 *
 * @example
 * const create = createEmitter(client, 'orders:created');
 * create.emit({ orderId: '42', total: 12 });
 */
export function createEmitter<C extends AnyContract, const Name extends EmittableName<C>>(
  client: PubSubClient<C>,
  name: Name,
  ...[defaults]: AddressArgs<C, Name, object>
): EmitterOf<C, Name> {
  // At run time names and addresses are text: the signature above is what checks them.
  return makeEmitter(client as unknown as AnyClient, name, defaults?.channel) as EmitterOf<C, Name>;
}

function makeEmitter(
  client: AnyClient,
  name: EventName,
  address = familyOf(name),
): Emitter<unknown, unknown, EmitOptions & { readonly channel?: string }> {
  const listeners = createListeners<() => void>();
  let state: EmitterState<unknown> = idle;
  let last: string | undefined;

  function show(change: Partial<EmitterState<unknown>>): void {
    state = { ...idle, ...change };
    listeners.each((listener) => listener());
  }

  async function emitAsync(
    payload: unknown,
    { channel = address, id = newId(), ...rest }: EmitOptions & { readonly channel?: string } = {},
  ): Promise<EmitReceipt<unknown>> {
    last = id;
    let receipt: EmitReceipt<unknown> | undefined;
    let isOver = false;
    const tell = (change: Partial<EmitterState<unknown>>): void => {
      if (last === id) show(change);
    };
    // The echo and the ack come in any order: the emit is confirmed when both are there.
    const passed = (): void => {
      isOver = true;
      if (receipt) tell({ status: 'confirmed', data: receipt.result });
    };

    // Sent before it is shown: what does not fit its schema is taken out before anyone is told of it.
    const sent = client.emit(name, payload, { ...rest, channel, id }).then(
      (answer) => {
        receipt = answer;
        tell({ status: 'acked', isPending: true, data: answer.result });
        if (isOver || !shown) passed();
        else shown.settle(answer.cursor);
        return answer;
      },
      (cause: unknown) => {
        shown?.remove();
        const error =
          cause instanceof PubSubError
            ? cause
            : new PubSubError('internal', String(cause), { cause });
        tell({ status: error.retryable ? 'failed' : 'rejected', error });
        throw cause;
      },
    );
    const timestamp = new Date().toISOString();
    const envelope = { id, name, channel, payload, timestamp, meta: { optimistic: true } };
    const feed = client.channel(channel)['~feed']?.();
    const shown = feed && showOwn(feed, envelope, passed);
    show({ status: 'sending', isPending: true });
    return sent;
  }

  return {
    getSnapshot: () => state,
    subscribe: listeners.add,
    emitAsync,
    emit(payload, options) {
      emitAsync(payload, options).catch(() => {});
    },
    reset() {
      last = undefined;
      show(idle);
    },
  };
}
