import { protocolVersion, PubSubError } from '@hipponot/pubsub-core';
import { answerJson, type Endpoint } from './exchange.ts';

/** Ready or not, for load balancers and people. Needs no credentials and tells nothing about anyone. */
export const statusEndpoint: Endpoint = async ({ response }, context) => {
  await context.ready();
  const health = await context.adapter.health();
  if (health.status !== 'up') {
    throw new PubSubError('unavailable', `The ${context.adapter.name} adapter is down.`, {
      retryable: true,
      retryAfterMs: 1000,
    });
  }
  answerJson(
    response,
    200,
    JSON.stringify({ v: protocolVersion, status: 'up', adapter: context.adapter.name }),
  );
};
