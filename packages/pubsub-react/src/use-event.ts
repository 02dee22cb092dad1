import {
  familyOf,
  type AnyContract,
  type ChannelFor,
  type EnvelopeNamed,
  type EventEnvelope,
  type NeedsChannel,
  type PublishableName,
} from '@hipponot/pubsub-core';
import { useEffect } from 'react';
import { useClient, type ClientContext } from './client-context.ts';
import type { OrNotRegistered } from './register.ts';
import { useLatest } from './use-latest.ts';

export interface UseEventOptions {
  /** `false` hears nothing and holds no subscription. @default true */
  readonly enabled?: boolean;
}

export type EventHandler<C extends AnyContract, Name extends string> = (
  event: EnvelopeNamed<C, Name>,
) => void;

/** The rest arguments of `useEvent`: the address is required unless the template is the family alone. */
export type UseEventArgs<C extends AnyContract, Name extends string> =
  NeedsChannel<C, Name> extends true
    ? [
        options: UseEventOptions & { readonly channel: ChannelFor<C, Name> },
        handler: EventHandler<C, Name>,
      ]
    : | [handler: EventHandler<C, Name>]
      | [
          options: UseEventOptions & { readonly channel?: ChannelFor<C, Name> },
          handler: EventHandler<C, Name>,
        ];

/**
 * Calls the handler of the last render for each event of one name, as it arrives. Renders nothing.
 *
 * @example
 * useEvent('orders:created', (event) => toast(event.payload.orderId));
 * useEvent('chat:said', { channel: `chat/${room}` }, (event) => play(event.payload.text));
 */
export interface UseEvent<C extends AnyContract> {
  <const Name extends OrNotRegistered<C, PublishableName<C>>>(
    name: Name,
    ...args: UseEventArgs<C, Name>
  ): void;
}

type LooseOptions = UseEventOptions & { readonly channel?: string };
type LooseHandler = (event: EventEnvelope) => void;

export function createUseEvent<C extends AnyContract>(context: ClientContext): UseEvent<C> {
  function useEvent(
    name: string,
    ...args: [LooseHandler] | [options: LooseOptions, handler: LooseHandler]
  ): void {
    const client = useClient(context, 'useEvent');
    const [options, handler] = args.length === 1 ? [{} as LooseOptions, args[0]] : args;
    const { channel = familyOf(name), enabled = true } = options;
    const latest = useLatest(handler);
    useEffect(() => {
      if (!enabled) return;
      return client.channel(channel).listen({
        onEvent: (event) => {
          if (event.name === name) latest.current(event);
        },
      });
    }, [client, channel, name, enabled, latest]);
  }
  return useEvent as UseEvent<C>;
}
