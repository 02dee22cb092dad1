import { randomBytes } from 'node:crypto';
import { protocolVersion, PubSubError } from '@hipponot/pubsub-core';
import type { Principal } from '../../pubsub-options.ts';
import type { AttachRequest } from '../attach.ts';
import { stopping } from '../lifecycle.ts';
import { admit, openChannel } from '../open-channel.ts';
import type { ServerContext } from '../server-context.ts';
import { Stream } from '../stream.ts';
import { authenticate, type Endpoint, type Exchange } from './exchange.ts';
import { readJsonObject } from './read-body.ts';
import { parseStreamBody, parseStreamQuery } from './stream-request.ts';

/** `POST /stream`: for SDKs. Headers and `hello` leave before any policy was asked. */
export const streamEndpoint: Endpoint = async (exchange, context) => {
  await authenticate(exchange, context);
  const body = await readJsonObject(exchange, context);
  if (!body) return;
  const requests = parseStreamBody(body, context.limits);
  await context.ready();
  const principal = await context.hub.unrevoked(() => authenticate(exchange, context));
  const stream = openStream(exchange, principal, undefined, context);
  if (!stream) return;
  for (const request of requests) {
    void openChannel(stream, request.channel, admit(request, principal, context), context);
  }
};

/** `GET /stream`: for `EventSource` and curl. Refused as a whole only where every channel is. */
export const plainStreamEndpoint: Endpoint = async (exchange, context) => {
  const { request, response, query } = exchange;
  const header = request.headers['last-event-id'];
  const lastEventId = typeof header === 'string' ? header : undefined;
  await context.ready();
  const { principal, requests, admissions } = await context.hub.unrevoked(async () => {
    const who = await authenticate(exchange, context);
    const asked = parseStreamQuery(query, lastEventId, context.limits);
    const admitted = await Promise.all(asked.map((each) => admit(each, who, context)));
    return { principal: who, requests: asked, admissions: admitted };
  });
  const [first] = admissions;
  if (first instanceof PubSubError && admissions.every((each) => each instanceof PubSubError)) {
    throw first;
  }
  if (request.method === 'HEAD') {
    response.writeHead(200, streamHeaders).end();
    return;
  }
  const stream = openStream(exchange, principal, requests, context);
  if (!stream) return;
  for (const [index, { channel }] of requests.entries()) {
    const admission = admissions[index];
    if (admission) void openChannel(stream, channel, admission, context);
  }
};

/** The headers of every stream. */
const streamHeaders: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream',
  // `no-transform` keeps compressing proxies from holding frames back; nginx heeds the next line.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
};

/** Sends head and `hello`. `undefined`: the client has gone meanwhile. */
function openStream(
  { response }: Exchange,
  principal: Principal,
  plain: readonly AttachRequest[] | undefined,
  context: ServerContext,
): Stream | undefined {
  if (response.destroyed) return undefined;
  if (context.state() !== 'started') throw stopping();
  const stream = context.hub.admit(principal, (onEnd) => {
    response.socket?.setNoDelay(true);
    response.socket?.setTimeout(0);
    response.writeHead(200, streamHeaders);
    response.flushHeaders();
    return new Stream(response, plain, { ...context.streaming, onEnd });
  });
  const { heartbeatMs, emitWindowMs, limits } = context;
  const { expiresInMs } = principal;
  if (plain) stream.text(`retry: ${1000 + Math.round(Math.random() * 2000)}\n\n`);
  stream.control('hello', {
    v: protocolVersion,
    streamId: randomBytes(16).toString('base64url'),
    serverTime: new Date().toISOString(),
    heartbeatMs,
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
    limits: {
      channels: plain ? limits.plainChannels : limits.channels,
      eventBytes: limits.eventBytes,
    },
    emitWindowMs,
  });
  return stream;
}
