import type {
  AddressArgs,
  AnyContract,
  EmittableName,
  EventName,
  EventNamed,
  PayloadInputOf,
  ResultOf,
} from '@hipponot/pubsub-core';
import type { EmitOptions, EmitReceipt } from '@hipponot/pubsub-client';
import { createEmitter, type EmitterState } from '@hipponot/pubsub-client/optimistic';
import { useMemo } from 'react';
import { useClient, type ClientContext } from './client-context.ts';
import type { OrNotRegistered } from './register.ts';
import { useReadable } from './use-readable.ts';

/**
 * What `useEmit` returns: `status`, `isPending`, `data` and `error` of its last emit, and functions that
 * stay the same from render to render.
 */
export interface Emit<Payload, Result> extends EmitterState<Result> {
  /** Sends and never throws: what becomes of it is in `status`, `data` and `error`. */
  readonly emit: (payload: Payload, options?: EmitOptions) => void;
  /** Sends and resolves with the server's ack. Rejects with a `PubSubError`. */
  readonly emitAsync: (payload: Payload, options?: EmitOptions) => Promise<EmitReceipt<Result>>;
  /** Forgets the last emit: `idle` again. Cancels nothing. */
  readonly reset: () => void;
}

/**
 * Sends one event. It shows in its channel at once, with `meta.optimistic: true`; its echo takes its
 * place; where the server refuses it, it is taken out again, with the reason in `error`.
 *
 * @example
 * const create = useEmit('orders:created');
 * <button disabled={create.isPending} onClick={() => create.emit({ orderId, total })}>Order</button>
 */
export interface UseEmit<C extends AnyContract> {
  <const Name extends OrNotRegistered<C, EmittableName<C>>>(
    name: Name,
    ...options: AddressArgs<C, Name, unknown>
  ): Emit<PayloadInputOf<EventNamed<C, Name>>, ResultOf<EventNamed<C, Name>>>;
}

const idle: EmitterState<never> = {
  status: 'idle',
  isPending: false,
  data: undefined,
  error: undefined,
};

export function createUseEmit<C extends AnyContract>(context: ClientContext): UseEmit<C> {
  function useEmit(
    name: EventName,
    { channel }: { channel?: string } = {},
  ): Emit<unknown, unknown> {
    const client = useClient(context, 'useEmit');
    const { emitter, ...functions } = useMemo(() => {
      const made = createEmitter(client, name, channel === undefined ? {} : { channel });
      return {
        emitter: made,
        emit: (payload: unknown, options?: EmitOptions) => made.emit(payload, options),
        emitAsync: (payload: unknown, options?: EmitOptions) => made.emitAsync(payload, options),
        reset: () => made.reset(),
      };
    }, [client, name, channel]);
    return { ...useReadable(emitter, idle), ...functions };
  }
  return useEmit as UseEmit<C>;
}
