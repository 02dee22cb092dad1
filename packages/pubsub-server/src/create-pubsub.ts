import {
  assertAddress,
  PubSubError,
  quote,
  type AnyContract,
  type EnvelopeOn,
  type ChannelOf,
} from '@hipponot/pubsub-core';
import { v7 as uuid } from 'uuid';
import { EmitLanes } from './actions/emit-lanes.ts';
import { memoryLedger } from './actions/emit-ledger.ts';
import { resolveActions } from './actions/resolve-actions.ts';
import { createAuthorize, resolvePolicies, unknownChannel } from './authorize.ts';
import { checkOptions } from './check-options.ts';
import { readLog, toHistoryPage, type HistoryOptions } from './history.ts';
import { resolveLimits } from './limits.ts';
import { publishEvent, type PublishDeps } from './publish.ts';
import type {
  ChannelPolicy,
  DefaultServices,
  PubSubOptions,
  RequiredServices,
} from './pubsub-options.ts';
import type { PublishOptions, PubSub, StopOptions } from './pubsub.ts';
import { Feeds } from './server/feeds.ts';
import { FrameCache } from './server/frame.ts';
import { HeartbeatWheel } from './server/heartbeat-wheel.ts';
import { parseLimit } from './server/http/history-endpoint.ts';
import { createNodeHandler } from './server/http/node-handler.ts';
import { Hub } from './server/hub.ts';
import { Lifecycle } from './server/lifecycle.ts';
import { recheckRights } from './server/recheck.ts';
import type { ServerContext } from './server/server-context.ts';
import { WriteTurn } from './server/write-turn.ts';

/**
 * Builds the server of a contract on an adapter. Without `authenticate` everyone is anonymous; a channel
 * without `authorize` is open to everyone.
 *
 * @throws {PubSubError} `bad_options` for an option unknown, missing or out of range, a policy without a
 *   channel, an action without an event, a client-to-server event without an action, an action in a definition without the
 *   services that it was promised
 * @example
 * const pubsub = createPubSub({ contract, adapter: memory() });
 * createServer(pubsub.nodeHandler).listen(3000);
 * await pubsub.publish('orders:shipped', { orderId: '42' });
 */
export function createPubSub<C extends AnyContract, Services = DefaultServices>(
  options: PubSubOptions<C, Services> & RequiredServices<NoInfer<Services>>,
): PubSub<C> {
  checkOptions(options);
  const { contract, adapter } = options;
  const logger = options.logger ?? console;
  const limits = resolveLimits(options.limits);
  const heartbeatMs = duration('heartbeatMs', options.heartbeatMs, 15_000);
  const emitWindowMs = duration('emitWindowMs', options.emitWindowMs, 86_400_000);
  const actionTimeoutMs = duration('actionTimeoutMs', options.actionTimeoutMs, 30_000);
  const streamLifeMs = duration('streamLifeMs', options.streamLifeMs, 600_000);
  const policies = resolvePolicies(
    contract,
    // Keys and parameters were checked against the contract's templates by the option's own type.
    (options.channels ?? {}) as Readonly<Record<string, ChannelPolicy | undefined>>,
  );
  const authorize = createAuthorize(contract, policies, logger);
  const generateId = options.generateId ?? uuid;

  const frames = new FrameCache(limits.frameCacheBytes);
  const feeds = new Feeds({ adapter, frames, limits, logger });
  const hub = new Hub(limits, streamLifeMs);
  const running = new Set<Promise<unknown>>();
  const lifecycle = new Lifecycle({
    adapter,
    hub,
    feeds,
    frames,
    running,
    logger,
    recheck: () => recheckRights(hub, authorize),
    recheckMs: duration('recheckMs', options.recheckMs, 60_000),
  });
  const ready = (): Promise<void> => lifecycle.ready();
  const publishing: PublishDeps = {
    contract,
    adapter,
    policies,
    eventBytes: limits.eventBytes,
    generateId,
    ready: () => lifecycle.open(),
  };

  const context: ServerContext = {
    contract,
    adapter,
    logger,
    limits,
    basePath: basePath(options.basePath ?? '/pubsub'),
    heartbeatMs,
    emitWindowMs,
    cors: options.cors,
    authenticate: options.authenticate ?? (() => ({})),
    policies,
    authorize,
    hub,
    attaching: { adapter, feeds, frames, limits },
    publishing,
    emitting: {
      contract,
      policies,
      authorize,
      actions: resolveActions(contract, options.actions ?? {}, options.services),
      services: options.services ?? { logger },
      ledger:
        options.emitLedger ??
        memoryLedger({
          maxIds: limits.emitIds,
          maxBytes: limits.emitBytes,
          onForgotten: (count) =>
            logger.warn(
              `${count} emit ids were forgotten inside their window: raise limits.emitIds or limits.emitBytes.`,
            ),
        }),
      lanes: new EmitLanes(),
      running,
      maxRunning: limits.emits,
      perUser: new Map(),
      maxPerUser: limits.emitsPerUser,
      actionTimeoutMs,
      windowMs: emitWindowMs,
      ready,
      publishing,
      logger,
      signal: lifecycle.signal,
    },
    streaming: {
      turn: new WriteTurn(),
      wheel: new HeartbeatWheel(heartbeatMs),
      bufferedBytes: limits.bufferedBytes,
      stallMs: 2 * heartbeatMs,
    },
    state: () => lifecycle.state,
    ready,
  };

  return {
    contract,
    publish: (name, ...args) => {
      // What the contract makes of them can't be known here.
      const [payload, given = {}] = args as readonly [
        payload: unknown,
        options?: PublishOptions & { readonly channel?: string },
      ];
      const { channel, id, meta } = given;
      return publishEvent({ name, payload, channel, id, meta }, publishing);
    },
    history: async <const Channel extends ChannelOf<C>>(
      channel: Channel,
      { after, limit }: HistoryOptions = {},
    ) => {
      assertAddress(channel, ['channel']);
      if (!contract.match(channel)) throw unknownChannel(contract, channel, ['channel']);
      await ready();
      const page = await readLog(adapter, {
        channel,
        after,
        limit: parseLimit(limit, limits.historyEvents),
      });
      return toHistoryPage<EnvelopeOn<C, Channel>>(channel, page);
    },
    channels: () => feeds.counts(),
    status: async () => {
      const counts = feeds.counts();
      return {
        state: lifecycle.state,
        adapter: {
          name: adapter.name,
          capabilities: adapter.capabilities,
          health: await adapter.health(),
        },
        streams: hub.size,
        channels: counts.length,
        subscriptions: counts.reduce((sum, { subscribers }) => sum + subscribers, 0),
        runningEmits: running.size,
        ended: Object.fromEntries(hub.ends),
      };
    },
    revoke: (revocation) => hub.revoke(revocation, (address) => contract.match(address)?.template),
    start: ready,
    stop: ({ drainMs = 5000 }: StopOptions = {}) => lifecycle.stop(drainMs),
    nodeHandler: createNodeHandler(context),
    '~server': context,
  };
}

function duration(name: string, given: number | undefined, fallback: number): number {
  const value = given ?? fallback;
  if (Number.isFinite(value) && value >= 1) return value;
  throw new PubSubError(
    'bad_options',
    `${name} is ${String(given)}: it is a number of milliseconds from 1.`,
    { path: [name] },
  );
}

/** `/pubsub` from `/pubsub/`, and nothing from `/`. */
function basePath(given: string): string {
  const path = given.replace(/\/+$/, '');
  if (path === '' || (path.startsWith('/') && !/[?#\s]/.test(path))) return path;
  throw new PubSubError(
    'bad_options',
    `basePath is ${quote(given)}: it starts with "/" and holds no query.`,
    { path: ['basePath'] },
  );
}
