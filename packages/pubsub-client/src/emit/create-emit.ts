import { familyOf, parseCursor, PubSubError, type EventName } from '@hipponot/pubsub-core';
import type { Check } from '../channels/receive.ts';
import type { EmitOptions, EmitReceipt } from '../client/pubsub-client.ts';
import type { Ask } from '../http/ask.ts';
import type { EmitState, Tap } from '../tap.ts';
import { newId } from './new-id.ts';

interface EmitAnswer {
  readonly id: string;
  readonly duplicate: boolean;
  readonly result?: unknown;
  readonly cursor?: string;
}

export type Emit = (
  name: EventName,
  payload: unknown,
  options?: EmitOptions & { readonly channel?: string },
) => Promise<EmitReceipt<unknown>>;

/** Emits by `POST /emit`. Nothing is sent twice by itself: a repeat with the same id is the caller's to make. */
export function createEmit(ask: Ask, tap: Tap, check: Check): Emit {
  return async (name, payload, { channel = familyOf(name), id = newId(), signal } = {}) => {
    const tell = (state: EmitState, error?: PubSubError): void =>
      tap(() => ({ type: 'emit', id, name, channel, state, error }));
    try {
      const event = { id, name, channel, payload };
      const fault = check(event);
      if (fault) throw fault;
      tell('sending');
      const { result, duplicate, cursor } = await ask<EmitAnswer>('/emit', event, signal);
      tell('acked');
      return { id, result, duplicate, cursor: parseCursor(cursor) };
    } catch (error) {
      // Only a server of ours can have rejected it for good: all else leaves open what became of it.
      const known = error instanceof PubSubError ? error : undefined;
      tell(known && !known.retryable ? 'rejected' : 'failed', known);
      throw error;
    }
  };
}
