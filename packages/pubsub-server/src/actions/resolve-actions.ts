import {
  PubSubError,
  quote,
  type ActionServices,
  type AnyContract,
  type AnyEvent,
  type EventAction,
} from '@hipponot/pubsub-core';

/** An action whose types are the contract's business. */
type AnyAction = EventAction<unknown, unknown, unknown>;

/** Actions by event name. */
export type ActionMap = ReadonlyMap<string, AnyAction>;

/**
 * The action of every emittable event: the one bound here, else the one in its definition.
 *
 * @throws {PubSubError} `bad_options` for an action without an emittable event, a `CSE` event without one, or
 *   an action of a definition without the services that its type promises
 */
export function resolveActions(
  contract: AnyContract,
  given: Readonly<Record<string, unknown>>,
  services: unknown,
): ActionMap {
  const actions = new Map<string, AnyAction>();
  for (const [name, action] of Object.entries(given)) {
    if (action === undefined) continue;
    const path = ['actions', name];
    const event = contract.event(name);
    if (!event)
      throw new PubSubError(
        'bad_options',
        `The action ${quote(name)} has no event in the contract.`,
        { path },
      );
    if (!isEmittable(event)) {
      throw new PubSubError(
        'bad_options',
        `The action "${name}" would never run: the event's direction is SSE, so no client emits it.`,
        { path },
      );
    }
    if (typeof action !== 'function')
      throw new PubSubError('bad_options', `The action "${name}" is not a function.`, { path });
    actions.set(name, action as AnyAction);
  }
  for (const event of contract.events) {
    if (!isEmittable(event) || actions.has(event.name)) continue;
    if (event.action) {
      assertServices(event.name, event.action, services);
      actions.set(event.name, event.action as AnyAction);
    } else if (event.direction === 'CSE') {
      throw new PubSubError(
        'bad_options',
        `The event "${event.name}" is client to server, so it needs an action: give one in "actions" or in its definition.`,
        {
          path: ['actions', event.name],
        },
      );
    }
  }
  return actions;
}

/**
 * The compiler can't tie a definition's action (`ActionCtx` with `ActionServices`) to the server it ends up
 * on. One that takes no `ctx` needs nothing.
 */
function assertServices(
  name: string,
  action: { readonly length: number },
  services: unknown,
): void {
  if (action.length === 0) return;
  for (const key of ['db', 'logger'] satisfies (keyof ActionServices)[]) {
    if (typeof services === 'object' && services !== null && key in services) continue;
    throw new PubSubError(
      'bad_options',
      `The action in the definition of "${name}" is promised ctx.services.${key}: give "services" with it, or bind the action in "actions".`,
      { path: ['services', key] },
    );
  }
}

export function isEmittable(event: AnyEvent): boolean {
  return event.direction === 'CSE' || event.direction === 'BOTH';
}
