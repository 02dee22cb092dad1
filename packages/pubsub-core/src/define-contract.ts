import { checkPayload } from './check-payload.ts';
import { matchTemplate, quote } from './channel.ts';
import { assertDefinition } from './define-event.ts';
import { PubSubError } from './pubsub-error.ts';
import type { AnyEvent, ChannelMatch, Contract } from './types/contract.ts';

interface DuplicateName<Name extends string> {
  readonly 'pubsub: two events have the name': Name;
}

type LiteralName<E> = E extends { readonly name: infer Name extends string }
  ? string extends Name
    ? never
    : Name
  : never;

// Each element against the names of all the others.
type UniqueNames<Events extends readonly AnyEvent[]> = {
  [Index in keyof Events]: LiteralName<Events[Index]> extends never
    ? unknown
    : LiteralName<Events[Index]> extends NamesOfOthers<Events, Index>
      ? DuplicateName<LiteralName<Events[Index]>>
      : unknown;
};

type NamesOfOthers<Events extends readonly AnyEvent[], Index extends keyof Events> = {
  [Other in Exclude<keyof Events & `${number}`, Index>]: LiteralName<Events[Other]>;
}[Exclude<keyof Events & `${number}`, Index>];

/**
 * Builds the contract from its events. Two events of one name, or two templates that take the same
 * addresses under different parameter names, are errors that name both.
 *
 * @throws {PubSubError} `bad_definition`
 */
export function defineContract<const Events extends readonly AnyEvent[]>(input: {
  events: Events & UniqueNames<Events>;
}): Contract<Events> {
  const byName = new Map<string, AnyEvent>();
  const byShape = new Map<string, string>();
  for (const [index, event] of (input.events as readonly AnyEvent[]).entries()) {
    // What a circular import leaves in the list.
    if (!event)
      throw new PubSubError(
        'bad_definition',
        `Event ${index} of the contract is ${quote(event)}: is its module imported in a circle?`,
        { path: ['events', index] },
      );
    assertDefinition(event);
    if (byName.has(event.name)) {
      throw new PubSubError(
        'bad_definition',
        `Two events have the name "${event.name}": names are unique in a contract.`,
      );
    }
    byName.set(event.name, event);
    const shape = event.channel.replace(/:\w+/g, ':');
    const known = byShape.get(shape);
    if (known !== undefined && known !== event.channel) {
      throw new PubSubError(
        'bad_definition',
        `The channels "${known}" and "${event.channel}" take the same addresses: use one template for both.`,
      );
    }
    byShape.set(shape, event.channel);
  }
  // Literal segments before parameters, so that `orders/new` wins over `orders/:id`.
  const templates = [...byShape.values()].toSorted(bySpecificity);
  return Object.freeze({
    events: input.events,
    templates,
    event: (name: string): AnyEvent | undefined => byName.get(name),
    check: (name: string, payload: unknown): PubSubError | undefined =>
      checkPayload(byName.get(name)?.payloadSchema, name, payload),
    match: (channel: string): ChannelMatch | undefined => {
      for (const template of templates) {
        const params = matchTemplate(template, channel);
        if (params) return { template, params };
      }
      return undefined;
    },
  });
}

function bySpecificity(left: string, right: string): number {
  const shape = (template: string): string => template.replace(/:\w+/g, '\uffff');
  return shape(left) < shape(right) ? -1 : 1;
}
