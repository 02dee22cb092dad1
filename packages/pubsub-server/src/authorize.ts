import {
  PubSubError,
  quote,
  type AnyContract,
  type ChannelMatch,
  type Logger,
  type User,
} from '@hipponot/pubsub-core';
import { assertKnown } from './check-options.ts';
import { listed } from './listed.ts';
import type { ChannelPolicy, PolicyAction } from './pubsub-options.ts';

/** Answers whether a user may do something on a channel, with the rights of now. */
export interface Authorize {
  /** @throws {PubSubError} `unknown_channel`, `forbidden`, or `unavailable` where the policy threw */
  (user: User | undefined, action: PolicyAction, channel: string): Promise<ChannelMatch>;
}

/** Policies by template. Built once, so a key the contract does not have is an error at start. */
export type PolicyMap = ReadonlyMap<string, ChannelPolicy>;

const policyNames = Object.keys({
  authorize: true,
  retention: true,
  ordering: true,
} satisfies Record<keyof ChannelPolicy, true>);

/** @throws {PubSubError} `bad_options` for a key that is no template of the contract, or a policy's unknown key */
export function resolvePolicies(
  contract: AnyContract,
  given: Readonly<Record<string, ChannelPolicy | undefined>>,
): PolicyMap {
  const policies = new Map<string, ChannelPolicy>();
  for (const [template, policy] of Object.entries(given)) {
    if (!contract.templates.includes(template)) {
      throw new PubSubError(
        'bad_options',
        `The policy for ${quote(template)} has no channel: the contract has ${listed(contract.templates)}.`,
        { path: ['channels', template] },
      );
    }
    if (!policy) continue;
    // A misspelt `authorize` would open the channel to everyone.
    assertKnown(policy, policyNames, `The policy for ${quote(template)}`, ['channels', template]);
    policies.set(template, policy);
  }
  return policies;
}

export function createAuthorize(
  contract: AnyContract,
  policies: PolicyMap,
  logger: Logger,
): Authorize {
  return async (user, action, channel) => {
    const match = contract.match(channel);
    if (!match) throw unknownChannel(contract, channel);
    const authorize = policies.get(match.template)?.authorize;
    if (!authorize) return match;
    let allowed: boolean;
    try {
      allowed = (await authorize({ user, action, channel, params: match.params })) === true;
    } catch (cause) {
      // A policy that fails must not open the channel it guards; but nobody was refused for good.
      logger.error(`The policy of "${match.template}" threw on ${action}: denied for now.`, cause);
      throw new PubSubError(
        'unavailable',
        `Whether this user may ${verbs[action]} ${quote(channel)} is not known now.`,
        {
          retryable: true,
          retryAfterMs: 1000,
        },
      );
    }
    if (allowed) return match;
    throw new PubSubError('forbidden', `This user may not ${verbs[action]} ${quote(channel)}.`);
  };
}

/** The answer to an address that no template takes, with the templates there are. */
export function unknownChannel(
  contract: AnyContract,
  channel: string,
  path?: readonly string[],
): PubSubError {
  return new PubSubError(
    'unknown_channel',
    `The contract has no channel like ${quote(channel)}: it has ${listed(contract.templates)}.`,
    { path },
  );
}

const verbs: Readonly<Record<PolicyAction, string>> = {
  subscribe: 'subscribe to',
  replay: 'replay',
  history: 'read the history of',
  emit: 'emit to',
};
