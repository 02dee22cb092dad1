import { formatCursor } from '@hipponot/pubsub-core';
import { runEmit, type EmitAnswer } from '../../actions/run-emit.ts';
import { answerJson, authenticate, type Endpoint } from './exchange.ts';
import { readJsonObject } from './read-body.ts';

/** `POST /emit`: runs the event's action and answers its result. */
export const emitEndpoint: Endpoint = async (exchange, context) => {
  const { user } = await authenticate(exchange, context);
  const body = await readJsonObject(exchange, context);
  if (!body) return;
  const { name, payload, channel, id } = body;
  const requestId =
    requestIdOf(exchange.request.headers['x-request-id']) ?? context.publishing.generateId();
  const answer = await runEmit({ name, payload, channel, id, requestId }, user, context.emitting);
  answerJson(exchange.response, 200, encodeAnswer(answer));
};

/** A caller's own request id, if it is harmless in logs. */
function requestIdOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{1,128}$/.test(header) ? header : undefined;
}

function encodeAnswer({ id, duplicate, resultJson, cursor }: EmitAnswer): string {
  const parts = [`"id":${JSON.stringify(id)}`, `"duplicate":${duplicate}`];
  if (resultJson !== undefined) parts.push(`"result":${resultJson}`);
  if (cursor) parts.push(`"cursor":${JSON.stringify(formatCursor(cursor))}`);
  return `{${parts.join(',')}}`;
}
