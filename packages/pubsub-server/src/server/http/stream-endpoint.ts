import { randomBytes } from 'node:crypto';
import { protocolVersion, PubSubError, type Cursor } from '@hipponot/pubsub-core';
import type { Principal } from '../../pubsub-options.ts';
import type { AttachRequest } from '../attach.ts';
import { admit, openChannel, refusalOf } from '../open-channel.ts';
import type { ServerContext } from '../server-context.ts';
import { Stream, type PlainStream } from '../stream.ts';
import { Subscription } from '../subscription.ts';
import { authenticate, type Endpoint, type Exchange } from './exchange.ts';
import { readJsonObject } from './read-body.ts';
import { parseStreamBody, parseStreamQuery } from './stream-request.ts';

type Admission = AttachRequest | PubSubError;

/** `POST /stream`: for SDKs. Headers and `hello` leave before any policy was asked. */
export const streamEndpoint: Endpoint = async (exchange, context) => {
  const principal = await authenticate(exchange, context);
  const body = await readJsonObject(exchange, context);
  if (!body) return;
  const requests = parseStreamBody(body, context.limits);
  await context.ready();
  const stream = openStream(exchange, principal, undefined, context);
  if (!stream) return;
  for (const request of requests) {
    const subscription = new Subscription(request.channel, stream);
    stream.subscriptions.set(request.channel, subscription);
    void admission(request, principal, context).then((admitted) =>
      begin(stream, subscription, admitted, context),
    );
  }
};

/** `GET /stream`: for `EventSource` and curl. Refused as a whole only where every channel is. */
export const plainStreamEndpoint: Endpoint = async (exchange, context) => {
  const { request, response, query } = exchange;
  const principal = await authenticate(exchange, context);
  const header = request.headers['last-event-id'];
  const requests = parseStreamQuery(
    query,
    typeof header === 'string' ? header : undefined,
    context.limits,
  );
  if (request.method === 'HEAD') {
    response.writeHead(200, streamHeaders).end();
    return;
  }
  await context.ready();
  const admissions = await Promise.all(requests.map((each) => admission(each, principal, context)));
  const [first] = admissions;
  if (first instanceof PubSubError && admissions.every((each) => each instanceof PubSubError))
    throw first;

  const channels = requests.map(({ channel }) => channel);
  const positions = new Map<string, Cursor>();
  for (const { channel, cursor } of requests) if (cursor) positions.set(channel, cursor);
  const stream = openStream(exchange, principal, { channels, positions }, context);
  if (!stream) return;
  for (const [index, admitted] of admissions.entries()) {
    const subscription = new Subscription(channels[index] ?? '', stream);
    stream.subscriptions.set(subscription.channel, subscription);
    void begin(stream, subscription, admitted, context);
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

async function admission(
  request: AttachRequest,
  { user }: Principal,
  { authorize }: ServerContext,
): Promise<Admission> {
  try {
    return await admit(request, user, authorize);
  } catch (error) {
    return error instanceof PubSubError
      ? error
      : new PubSubError('internal', 'The server failed on this channel.', { cause: error });
  }
}

async function begin(
  stream: Stream,
  subscription: Subscription,
  admitted: Admission,
  context: ServerContext,
): Promise<void> {
  if (admitted instanceof PubSubError) subscription.refuse(refusalOf(admitted));
  else await openChannel(subscription, admitted, context);
  if (subscription.closed && stream.subscriptions.get(subscription.channel) === subscription) {
    stream.subscriptions.delete(subscription.channel);
  }
}

/** Sends head and `hello`. `undefined`: the client has gone meanwhile. */
function openStream(
  { response }: Exchange,
  principal: Principal,
  plain: PlainStream | undefined,
  context: ServerContext,
): Stream | undefined {
  if (response.destroyed) return undefined;
  const seat = context.hub.takeSeat(principal);
  response.socket?.setNoDelay(true);
  response.socket?.setTimeout(0);
  response.writeHead(200, streamHeaders);
  response.flushHeaders();
  const stream = new Stream(randomBytes(16).toString('base64url'), principal, response, plain, {
    ...context.streaming,
    onEnd: (ended, end) => {
      seat.leave();
      context.hub.ended(ended, end);
    },
  });
  context.hub.streams.add(stream);

  const { expiresInMs } = principal;
  if (plain) stream.text(`retry: ${1000 + Math.round(Math.random() * 2000)}\n\n`);
  stream.control('hello', {
    v: protocolVersion,
    streamId: stream.id,
    serverTime: new Date().toISOString(),
    heartbeatMs: context.heartbeatMs,
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
    limits: {
      channels: plain ? context.limits.plainChannels : context.limits.channels,
      eventBytes: context.limits.eventBytes,
    },
    emitWindowMs: context.emitWindowMs,
  });
  const lifeMs = context.streamLifeMs * (0.8 + Math.random() / 5);
  if (expiresInMs !== undefined && expiresInMs <= lifeMs)
    stream.endAfter(expiresInMs, 'expired', () => 0);
  else stream.endAfter(lifeMs, 'rotation', () => Math.round(Math.random() * 1000));
  return stream;
}
