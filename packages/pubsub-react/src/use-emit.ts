import type {
  AddressArgs,
  AnyContract,
  EmittableName,
  EventNamed,
  PayloadInputOf,
  PubSubError,
  ResultOf,
} from '@hipponot/pubsub-core';
import type { EmitReceipt } from '@hipponot/pubsub-client';
import { useMemo } from 'react';
import { useClient, type ClientContext } from './client-context.ts';
import { createEmitter } from './create-emitter.ts';
import type { OrNotRegistered } from './register.ts';
import { useReadable } from './use-readable.ts';

/** Where the last emit of this hook stands. */
export interface EmitView<Result> {
  readonly status: 'idle' | 'sending' | 'acked' | 'confirmed' | 'rejected' | 'failed';
  /** Sent, and neither confirmed nor refused. */
  readonly isPending: boolean;
  /** What the action answered. */
  readonly data: Result | undefined;
  /** Why it was rolled back. */
  readonly error: PubSubError | undefined;
}

/** What {@link UseEmit} returns. The functions stay the same from render to render. */
export interface Emit<Payload, Result> extends EmitView<Result> {
  /** Sends the event; what becomes of it is in `status`, `data` and `error`. Never throws. */
  readonly emit: (payload: Payload) => void;
  /** Sends the event and resolves with the server's ack. Rejects with a {@link PubSubError}. */
  readonly emitAsync: (payload: Payload) => Promise<EmitReceipt<Result>>;
  /** Forgets the last emit: `idle` again. Cancels nothing. */
  readonly reset: () => void;
}

/**
 * Sends one event. It shows in its channel at once, is replaced in place by its echo, and is taken out
 * again where the server refuses it, with the reason in `error`.
 *
 * @example
 * const create = useEmit('orders:created');
 * <button disabled={create.isPending} onClick={() => create.emit({ orderId, total })}>Order</button>
 */
export interface UseEmit<C extends AnyContract> {
  <const Name extends OrNotRegistered<C, EmittableName<C>>>(
    name: Name,
    ...options: AddressArgs<C, Name, object>
  ): Emit<PayloadInputOf<EventNamed<C, Name>>, ResultOf<EventNamed<C, Name>>>;
}

const idle: EmitView<never> = {
  status: 'idle',
  isPending: false,
  data: undefined,
  error: undefined,
};

export function createUseEmit<C extends AnyContract>(context: ClientContext): UseEmit<C> {
  function useEmit(
    name: `${string}:${string}`,
    options: { channel?: string } = {},
  ): Emit<unknown, unknown> {
    const client = useClient(context, 'useEmit');
    const { channel } = options;
    const emitter = useMemo(() => createEmitter(client, name, channel), [client, name, channel]);
    const { emit, emitAsync, reset } = emitter;
    return { ...useReadable(emitter, idle), emit, emitAsync, reset };
  }
  return useEmit as UseEmit<C>;
}
