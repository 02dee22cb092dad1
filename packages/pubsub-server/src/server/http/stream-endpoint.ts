import { randomBytes } from 'node:crypto';
import { protocolVersion, PubSubError } from '@hipponot/pubsub-core';
import type { Principal } from '../../pubsub-options.ts';
import type { AttachRequest } from '../attach.ts';
import { stopping } from '../lifecycle.ts';
import { admit, openChannels } from '../open-channel.ts';
import type { ServerContext } from '../server-context.ts';
import { Stream } from '../stream.ts';
import { authenticate, type Endpoint, type Exchange } from './exchange.ts';
import { readJsonObject } from './read-body.ts';
import { parseStreamBody, parseStreamQuery } from './stream-request.ts';

/** `POST /stream`: for SDKs. Headers and `hello` leave before any policy was asked. */
export const streamEndpoint: Endpoint = async (exchange, context) => {
  let reading: Promise<readonly AttachRequest[] | undefined> | undefined;
  const { principal, requests } = await context.hub.unrevoked(async () => {
    const who = await authenticate(exchange, context);
    // A body can be read once only.
    reading ??= readRequests(exchange, context);
    const asked = await reading;
    if (asked) await context.ready();
    return { principal: who, requests: asked };
  });
  if (!requests) return;
  const stream = openStream(exchange, principal, undefined, context);
  if (!stream) return;
  const channels = requests.map((request) => ({
    channel: request.channel,
    admission: admit(request, principal, context),
  }));
  void openChannels(stream, channels, context);
};

async function readRequests(
  exchange: Exchange,
  context: ServerContext,
): Promise<readonly AttachRequest[] | undefined> {
  const body = await readJsonObject(exchange, context);
  return body && parseStreamBody(body, context.limits);
}

/**
 * `GET /stream`: for `EventSource` and curl. Refused as a whole only where every channel is, for good: any
 * status but 200 would keep an `EventSource` from ever coming back.
 */
export const plainStreamEndpoint: Endpoint = async (exchange, context) => {
  const { request, response, query } = exchange;
  const header = request.headers['last-event-id'];
  const lastEventId = typeof header === 'string' ? header : undefined;
  await context.ready();
  const { principal, requests, channels } = await context.hub.unrevoked(async () => {
    const who = await authenticate(exchange, context);
    const asked = parseStreamQuery(query, lastEventId, context.limits);
    const admitted = asked.map(async (each) => ({
      channel: each.channel,
      admission: await admit(each, who, context),
    }));
    return { principal: who, requests: asked, channels: await Promise.all(admitted) };
  });
  const errors = channels
    .map(({ admission }) => admission)
    .filter((each) => each instanceof PubSubError);
  const [first] = errors;
  const isHead = request.method === 'HEAD';
  if (first && errors.length === channels.length) {
    if (isHead || errors.every(({ retryable }) => !retryable)) throw first;
  }
  if (isHead) {
    response.writeHead(200, streamHeaders).end();
    return;
  }
  const stream = openStream(exchange, principal, requests, context);
  if (!stream) return;
  void openChannels(stream, channels, context);
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
