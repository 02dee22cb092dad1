import {
  errorCodes,
  formatCursor,
  PubSubError,
  type AnyContract,
  type EventEnvelope,
} from '@hipponot/pubsub-core';
import {
  TRPCError,
  type AnyTRPCRootTypes,
  type TRPCBuiltRouter,
  type TRPCProcedureBuilder,
  type TRPCRouterBuilder,
  type TRPCUnsetMarker,
  type TRPC_ERROR_CODE_KEY,
} from '@trpc/server';
import { runEmit } from '../actions/run-emit.ts';
import { readHistory } from '../history.ts';
import type { PubSub } from '../pubsub.ts';
import type { Principal } from '../pubsub-options.ts';
import { errorAnswer } from '../server/http/error-answer.ts';
import { validPrincipal } from '../server/http/exchange.ts';
import { parseHistoryQuery } from '../server/http/history-endpoint.ts';
import type { JsonObject } from '../server/http/read-body.ts';
import { parseChannelList, resumeFrom } from '../server/http/stream-request.ts';
import { stopping } from '../server/lifecycle.ts';
import { admit, openChannels } from '../server/open-channel.ts';
import type { ServerContext } from '../server/server-context.ts';
import type { PubSubProcedures } from './procedures.ts';
import { TrackedStream } from './tracked-stream.ts';

/** A procedure builder of the app, taken by its shape: all that matters is the context it hands on. */
export interface ProcedureWith<Context> {
  query(resolver: (options: { ctx: Context }) => unknown): unknown;
}

/** The argument of {@link createPubSubRouter}, from the app's own `initTRPC`. */
export interface PubSubRouterOptions<Root extends AnyTRPCRootTypes, Context> {
  readonly router: TRPCRouterBuilder<Root>;
  /** The base of the three procedures: its middleware runs before each of them. */
  readonly procedure: ProcedureWith<Context>;
  /**
   * Who asks, from the context of the app's middleware; `null` answers `UNAUTHORIZED`.
   * **Absent: everyone is anonymous**: the server's `authenticate` sees HTTP requests, not these.
   */
  readonly principal?: (ctx: NoInfer<Context>) => Principal | null | Promise<Principal | null>;
}

/**
 * The contract as tRPC procedures: `subscribe`, `emit` and `history`, under the app's own middleware and
 * typed for its clients. `authorize` decides as for every other client. `subscribe` yields `tracked`
 * items, so `httpSubscriptionLink` resumes without loss or repeat.
 *
 * @example
 * const appRouter = t.router({
 *   pubsub: createPubSubRouter(pubsub, { router: t.router, procedure: t.procedure, principal: (ctx) => ({ user: ctx.user }) }),
 * });
 */
export function createPubSubRouter<C extends AnyContract, Root extends AnyTRPCRootTypes, Context>(
  pubsub: PubSub<C>,
  options: PubSubRouterOptions<Root, Context>,
): TRPCBuiltRouter<Root, PubSubProcedures<C, Root['meta']>> {
  const context = pubsub['~server'];
  // Any procedure will do at run time; what clients infer is `PubSubProcedures`.
  const procedure = options.procedure as unknown as TRPCProcedureBuilder<
    object,
    unknown,
    object,
    TRPCUnsetMarker,
    TRPCUnsetMarker,
    TRPCUnsetMarker,
    TRPCUnsetMarker,
    false
  >;
  const principalOf = (options.principal ?? (() => ({}))) as (
    ctx: unknown,
  ) => Principal | null | Promise<Principal | null>;

  const procedures = {
    subscribe: procedure
      .input(parseObject)
      .subscription(({ ctx, input, signal }) =>
        answering(context, () =>
          subscribe(input, signal, () => identify(ctx, principalOf), context),
        ),
      ),
    emit: procedure.input(parseObject).mutation(({ ctx, input }) =>
      answering(context, async () => {
        const { user } = await identify(ctx, principalOf);
        const { name, payload, channel, id } = input;
        const requestId = context.publishing.generateId();
        const answer = await runEmit(
          { name, payload, channel, id, requestId },
          user,
          context.emitting,
        );
        return {
          id: answer.id,
          duplicate: answer.duplicate,
          ...(answer.resultJson === undefined
            ? {}
            : { result: JSON.parse(answer.resultJson) as unknown }),
          ...(answer.cursor ? { cursor: formatCursor(answer.cursor) } : {}),
        };
      }),
    ),
    history: procedure.input(parseObject).query(({ ctx, input }) =>
      answering(context, async () => {
        const { user } = await identify(ctx, principalOf);
        const query = parseHistoryQuery(input, context.limits);
        const { entries, from, top, ...page } = await readHistory(query, user, context);
        const events = entries.map(({ cursor, json }) => ({
          cursor: formatCursor(cursor),
          ...(JSON.parse(json) as EventEnvelope),
        }));
        return {
          channel: query.channel,
          ...page,
          from: formatCursor(from),
          top: formatCursor(top),
          events,
        };
      }),
    ),
  };
  return options.router(procedures) as unknown as TRPCBuiltRouter<
    Root,
    PubSubProcedures<C, Root['meta']>
  >;
}

async function subscribe(
  input: JsonObject,
  signal: AbortSignal | undefined,
  who: () => Promise<Principal>,
  context: ServerContext,
): Promise<TrackedStream> {
  const { limits, hub } = context;
  const asked = parseChannelList(input['channels'], limits.plainChannels, limits);
  const { lastEventId } = input;
  const requests =
    typeof lastEventId === 'string' && lastEventId ? resumeFrom(asked, lastEventId) : asked;
  await context.ready();
  const { principal, channels } = await hub.unrevoked(async () => {
    const found = await who();
    const admitted = requests.map(async (each) => ({
      channel: each.channel,
      admission: await admit(each, found, context),
    }));
    return { principal: found, channels: await Promise.all(admitted) };
  });
  if (context.state() !== 'started') throw stopping();
  const stream = hub.admit(
    principal,
    (onEnd) => new TrackedStream(requests, limits.bufferedBytes, onEnd),
  );
  // A client that left while the policies were asked has no iterator to return, and nobody would close its
  // channels.
  if (signal?.aborted) {
    await stream.return();
    return stream;
  }
  signal?.addEventListener('abort', () => void stream.return(), { once: true });
  void openChannels(stream, channels, context);
  return stream;
}

async function identify(
  ctx: unknown,
  principalOf: (ctx: unknown) => Principal | null | Promise<Principal | null>,
): Promise<Principal> {
  return validPrincipal(await principalOf(ctx));
}

function parseObject(input: unknown): JsonObject {
  if (typeof input === 'object' && input !== null && !Array.isArray(input))
    return input as JsonObject;
  throw new PubSubError('bad_request', 'The input must be an object.', { path: [] });
}

/** Our errors as tRPC's: same message, the status's code, and the error itself as `cause` for `errorFormatter`. */
async function answering<T>(context: ServerContext, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const { status, body } = errorAnswer(error, context.logger);
    const cause =
      error instanceof PubSubError && errorCodes[error.code].status > 0 ? error : undefined;
    throw new TRPCError({
      code: trpcCodes.get(status) ?? 'INTERNAL_SERVER_ERROR',
      message: body.message,
      cause,
    });
  }
}

const trpcCodes: ReadonlyMap<number, TRPC_ERROR_CODE_KEY> = new Map([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHORIZED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [409, 'CONFLICT'],
  [413, 'PAYLOAD_TOO_LARGE'],
  [422, 'UNPROCESSABLE_CONTENT'],
  [429, 'TOO_MANY_REQUESTS'],
  [503, 'SERVICE_UNAVAILABLE'],
  [504, 'GATEWAY_TIMEOUT'],
]);
