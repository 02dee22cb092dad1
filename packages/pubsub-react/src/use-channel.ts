import type { AnyContract, ChannelOf, EnvelopeOn } from '@hipponot/pubsub-core';
import type { ChannelOptions, ChannelSnapshot, Readable, Recovery } from '@hipponot/pubsub-client';
import { useEffect, useMemo } from 'react';
import { useClient, type ClientContext } from './client-context.ts';
import { framed } from './framed.ts';
import type { OrNotRegistered } from './register.ts';
import { useLatest } from './use-latest.ts';
import { useReadable } from './use-readable.ts';

export interface UseChannelOptions extends ChannelOptions {
  /** Called before the next event when events were lost (`gap`) or the log was recreated (`reset`). */
  readonly onGap?: ((recovery: Recovery) => void) | undefined;
  /** `false` holds no subscription and shows an `unsubscribed`, empty channel. @default true */
  readonly enabled?: boolean;
}

/**
 * The live view of one channel: `{ events, latest, status, recovery, error }`. Re-renders when it
 * changed, at most once a frame. `events` begin with the mount, and the `history` asked for before it;
 * another channel, `history` or `limit` begins anew.
 *
 * @example
 * const { events, status } = useChannel('orders', { history: 50, onGap: () => refetch() });
 */
export interface UseChannel<C extends AnyContract> {
  <const Channel extends OrNotRegistered<C, ChannelOf<C>>>(
    channel: Channel,
    options?: UseChannelOptions,
  ): ChannelSnapshot<EnvelopeOn<C, Channel>>;
}

const empty: ChannelSnapshot<never> = {
  events: [],
  latest: undefined,
  status: 'unsubscribed',
  recovery: undefined,
  error: undefined,
};
const nothing: Readable<ChannelSnapshot> = { getSnapshot: () => empty, subscribe: () => () => {} };

export function createUseChannel<C extends AnyContract>(context: ClientContext): UseChannel<C> {
  function useChannel(channel: string, options: UseChannelOptions = {}): ChannelSnapshot {
    const { history, limit, onGap, enabled = true } = options;
    const client = useClient(context, 'useChannel');
    const { store, view } = useMemo(() => {
      const made = client.channel(channel, {
        ...(history !== undefined && { history }),
        ...(limit !== undefined && { limit }),
      });
      return { store: made, view: framed(made) };
    }, [client, channel, history, limit]);
    const latestOnGap = useLatest(onGap);
    const wantsGaps = enabled && onGap !== undefined;
    useEffect(() => {
      if (!wantsGaps) return;
      return store.listen({ onGap: (recovery) => latestOnGap.current?.(recovery) });
    }, [store, wantsGaps, latestOnGap]);
    return useReadable(enabled ? view : nothing, empty);
  }
  return useChannel as UseChannel<C>;
}
