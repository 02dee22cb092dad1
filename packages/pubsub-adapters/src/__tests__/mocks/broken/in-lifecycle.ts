import type { Deliver, PubSubAdapter } from '@hipponot/pubsub-core';
import { memory } from '../../../in-memory/memory.ts';
import { fakeBroker } from '../fake-broker.ts';
import { broken, type BrokenAdapter } from './broken-adapter.ts';

/** Delays each operation by nothing but an excuse to change how it is called. */
function withOperations(
  inner: PubSubAdapter,
  call: <Result>(operation: () => Promise<Result>) => Promise<Result>,
): Partial<PubSubAdapter> {
  return {
    publish: (channel, record) => call(() => inner.publish(channel, record)),
    subscribe: (channel, deliver) => call(() => inner.subscribe(channel, deliver)),
    read: (channel, options) => call(() => inner.read(channel, options)),
    position: (channel) => call(() => inner.position(channel)),
    trim: (channel, through) => call(() => inner.trim(channel, through)),
  };
}

export const brokenInLifecycle: readonly BrokenAdapter[] = [
  broken('works in every state', ['lifecycle', 'failure'], (inner) => ({
    ...withOperations(inner, async (operation) => {
      await inner.start();
      return operation();
    }),
  })),
  broken('refuses while it is starting', ['lifecycle'], (inner) => {
    let started = false;
    return {
      start: async () => {
        await inner.start();
        started = true;
      },
      ...withOperations(inner, (operation) =>
        started ? operation() : Promise.reject(new Error('not ready')),
      ),
    };
  }),
  broken('works no more after a restart, and never says so', ['lifecycle'], (inner) => {
    let stopped = false;
    return {
      stop: () => {
        stopped = true;
        return inner.stop();
      },
      ...withOperations(inner, (operation) =>
        stopped ? Promise.reject(new Error('stopped')) : operation(),
      ),
    };
  }),
  broken('cannot start', ['lifecycle'], (inner) => ({
    ...withOperations(inner, () => Promise.reject(new Error('broken'))),
  })),
  broken('is always in good health', ['lifecycle'], () => ({
    health: async () => ({ status: 'up' }),
  })),
  broken('is never in good health', ['lifecycle'], () => ({
    health: async () => ({ status: 'down' }),
  })),
  broken('rejects the question for its health', ['lifecycle'], () => ({
    health: () => Promise.reject(new Error('no')),
  })),
  broken('begins anew with every start', ['lifecycle'], (inner) => {
    let first = true;
    return {
      start: async () => {
        if (!first) await inner.stop();
        first = false;
        await inner.start();
      },
    };
  }),
  broken('cannot be stopped twice', ['lifecycle'], (inner) => {
    let stopping: Promise<void> | undefined;
    return {
      stop: async () => {
        if (stopping) {
          // Once, so that the suite can still tidy up after it.
          stopping = undefined;
          throw new Error('already stopped');
        }
        stopping = inner.stop();
        await stopping;
      },
    };
  }),
  broken('forgets a stop that comes during a start', ['lifecycle'], (inner) => {
    let starting = false;
    return {
      start: async () => {
        starting = true;
        await inner.start();
        starting = false;
      },
      stop: async () => {
        if (!starting) await inner.stop();
      },
    };
  }),
  broken('lets what waited for the start be overtaken', ['lifecycle'], (inner) => {
    let starting: Promise<void> | undefined;
    return {
      start: async () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        starting = promise;
        await inner.start();
        starting = undefined;
        setImmediate(resolve);
      },
      publish: async (channel, record) => {
        await starting;
        return inner.publish(channel, record);
      },
    };
  }),
  broken('still serves its old subscribers after a restart', ['lifecycle'], (inner) => {
    const old: [string, Deliver][] = [];
    return {
      subscribe: (channel, deliver) => {
        old.push([channel, deliver]);
        return inner.subscribe(channel, deliver);
      },
      start: async () => {
        await inner.start();
        for (const [channel, deliver] of old) await inner.subscribe(channel, deliver);
      },
    };
  }),
  broken('keeps its epoch over a restart that loses the log', ['lifecycle'], (inner) => ({
    read: async (channel, { after, limit }) => {
      const { epoch } = await inner.position(channel);
      return inner.read(channel, { limit, ...(after ? { after: { ...after, epoch } } : {}) });
    },
  })),
  broken('says it persists and does not', ['lifecycle'], (inner) => ({
    capabilities: { ...inner.capabilities, persistence: 'durable' },
  })),
  broken('takes any limit', ['failure'], (inner) => ({
    read: (channel, { limit, ...rest }) =>
      inner.read(channel, { ...rest, limit: limit >= 1 ? Math.floor(limit) : 1 }),
  })),
  broken('takes any retention', ['failure'], (inner) => ({
    publish: (channel, { id, json }) => inner.publish(channel, { id, json }),
  })),
  broken('appends before it refuses', ['failure'], (inner) => ({
    publish: async (channel, record) => {
      const receipt = await inner.publish(channel, { id: record.id, json: record.json });
      await inner.publish('elsewhere', record);
      return receipt;
    },
  })),
  broken('rejects with errors that are not its own', ['lifecycle', 'failure'], (inner) => ({
    ...withOperations(inner, (operation) =>
      operation().catch((error: Error) => {
        throw new TypeError(error.message);
      }),
    ),
  })),
  {
    that: 'loses what it accepted during a break',
    caughtBy: ['failure'],
    ...fakeBroker({ faults: { losesPublishes: true } }),
  },
  {
    that: 'stays silent after a break',
    caughtBy: ['failure'],
    ...fakeBroker({ faults: { staysSilent: true } }),
  },
  {
    that: 'does not notice a break',
    caughtBy: ['failure'],
    ...fakeBroker({ faults: { alwaysUp: true } }),
  },
  {
    that: 'loses its log when it announces more',
    caughtBy: ['lifecycle'],
    create: (hooks) => ({
      ...memory(hooks),
      capabilities: { ...memory().capabilities, persistence: 'process' },
    }),
  },
];
