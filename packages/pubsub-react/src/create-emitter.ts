import type { EmitReceipt, Readable } from '@hipponot/pubsub-client';
import { PubSubError, type EventName } from '@hipponot/pubsub-core';
import type { LooseClient } from './client-context.ts';
import type { Emit, EmitView } from './use-emit.ts';

const idle: EmitView<unknown> = {
  status: 'idle',
  isPending: false,
  data: undefined,
  error: undefined,
};

export function createEmitter(
  client: LooseClient,
  name: EventName,
  channel: string | undefined,
): Readable<EmitView<unknown>> & Pick<Emit<unknown, unknown>, 'emit' | 'emitAsync' | 'reset'> {
  const listeners = new Set<() => void>();
  let view = idle;
  let last = 0;
  function show(next: EmitView<unknown>): void {
    view = next;
    for (const listener of listeners) listener();
  }
  async function emitAsync(payload: unknown): Promise<EmitReceipt<unknown>> {
    const own = (last += 1);
    show({ ...idle, status: 'sending', isPending: true });
    try {
      const receipt = await client.emit(name, payload, channel === undefined ? {} : { channel });
      if (own === last) show({ ...idle, status: 'confirmed', data: receipt.result });
      return receipt;
    } catch (cause) {
      const error =
        cause instanceof PubSubError
          ? cause
          : new PubSubError('internal', String(cause), { cause });
      if (own === last) show({ ...idle, status: error.retryable ? 'failed' : 'rejected', error });
      throw error;
    }
  }
  return {
    getSnapshot: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit: (payload) => void emitAsync(payload).catch(() => {}),
    emitAsync,
    reset() {
      last += 1;
      show(idle);
    },
  };
}
