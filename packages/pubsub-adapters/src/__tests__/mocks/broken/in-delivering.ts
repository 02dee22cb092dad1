import type { Deliver, LogEntry, PubSubAdapter } from '@hipponot/pubsub-core';
import { broken, type BrokenAdapter } from './broken-adapter.ts';

function withDeliver(
  inner: PubSubAdapter,
  change: (deliver: Deliver, channel: string) => Deliver,
): Partial<PubSubAdapter> {
  return { subscribe: (channel, deliver) => inner.subscribe(channel, change(deliver, channel)) };
}

/** A fan-out of its own in front of the log: one list of functions a channel, told how to go through it. */
function withFanOut(
  inner: PubSubAdapter,
  tell: (members: Deliver[], entries: readonly LogEntry[]) => void,
  remove: (members: Deliver[], deliver: Deliver) => void,
): Partial<PubSubAdapter> {
  const channels = new Map<string, Deliver[]>();
  return {
    subscribe: async (channel, deliver) => {
      let members = channels.get(channel);
      if (!members) {
        const created: Deliver[] = [];
        members = created;
        channels.set(channel, created);
        await inner.subscribe(channel, (entries) => tell(created, entries));
      }
      members.push(deliver);
      const joined = members;
      return () => remove(joined, deliver);
    },
  };
}

function removeOne(members: Deliver[], deliver: Deliver): void {
  const index = members.indexOf(deliver);
  if (index !== -1) members.splice(index, 1);
}

export const brokenInDelivering: readonly BrokenAdapter[] = [
  broken(
    'drops every third live event',
    ['subscribe', 'order', 'random sequences', 'isolation', 'trim'],
    (inner) =>
      withDeliver(inner, (deliver) => {
        let count = 0;
        return (entries) => deliver(entries.filter(() => (count += 1) % 3 !== 0));
      }),
  ),
  broken('delivers every event twice', ['subscribe', 'random sequences'], (inner) =>
    withDeliver(
      inner,
      (deliver) => (entries) => deliver(entries.flatMap((entry) => [entry, entry])),
    ),
  ),
  broken('swaps neighbours', ['subscribe', 'order', 'random sequences'], (inner) =>
    withDeliver(inner, (deliver) => {
      let held: LogEntry | undefined;
      return (entries) => {
        for (const entry of entries) {
          if (held) {
            deliver([entry, held]);
            held = undefined;
          } else held = entry;
        }
      };
    }),
  ),
  broken('tells each subscriber in an order of its own', ['order'], (inner) => {
    let joined = 0;
    return withDeliver(inner, (deliver) => {
      joined += 1;
      return joined % 2 === 0 ? (entries) => deliver(entries.toReversed()) : deliver;
    });
  }),
  broken(
    'delivers within the publish, so that an answer overtakes its question',
    ['order'],
    (inner) => {
      const channels = new Map<string, Deliver[]>();
      return {
        subscribe: async (channel, deliver) => {
          channels.set(channel, [...(channels.get(channel) ?? []), deliver]);
          return () => {};
        },
        publish: async (channel, record) => {
          const publishing = inner.publish(channel, record);
          const { cursor } = await publishing;
          for (const deliver of channels.get(channel) ?? []) {
            deliver([{ ...record, cursor, at: 1 }]);
            await Promise.resolve();
            await Promise.resolve();
          }
          return publishing;
        },
      };
    },
  ),
  broken('goes on delivering to one who left', ['subscribe'], (inner) => ({
    subscribe: async (channel, deliver) => {
      await inner.subscribe(channel, deliver);
      return () => {};
    },
  })),
  broken('delivers what was on its way to one who left', ['subscribe'], (inner) => ({
    subscribe: async (channel, deliver) => {
      const leave = await inner.subscribe(channel, deliver);
      return () => void Promise.resolve().then(leave);
    },
  })),
  broken('lets one who leaves twice take another along', ['subscribe'], (inner) =>
    withFanOut(
      inner,
      (members, entries) => members.slice().forEach((deliver) => deliver(entries)),
      (members, deliver) => void members.splice(members.indexOf(deliver), 1),
    ),
  ),
  broken('knows a function once, however often it subscribed', ['subscribe'], (inner) =>
    withFanOut(
      inner,
      (members, entries) => new Set(members).forEach((deliver) => deliver(entries)),
      removeOne,
    ),
  ),
  broken('skips the next subscriber when one leaves in a delivery', ['subscribe'], (inner) =>
    withFanOut(
      inner,
      (members, entries) => members.forEach((deliver) => deliver(entries)),
      removeOne,
    ),
  ),
  broken('delivers in a later turn to whom it counted before', ['subscribe'], (inner) =>
    withDeliver(inner, (deliver) => (entries) => queueMicrotask(() => deliver(entries))),
  ),
  broken(
    'resolves a subscribe before it is attached',
    ['subscribe', 'random sequences'],
    (inner) => ({
      subscribe: async (channel, deliver) => {
        let leave: (() => void) | undefined;
        setImmediate(() => {
          void inner.subscribe(channel, deliver).then(
            (given) => (leave = given),
            () => {},
          );
        });
        return () => leave?.();
      },
    }),
  ),
  broken('lets the last one who leaves take the next one along', ['subscribe'], (inner) => {
    const leaves = new Map<string, Set<() => void>>();
    return {
      subscribe: async (channel, deliver) => {
        const leave = await inner.subscribe(channel, deliver);
        const all = leaves.get(channel) ?? new Set();
        leaves.set(channel, all.add(leave));
        const count = all.size;
        return () => {
          for (const each of count === 1 ? all : [leave]) each();
        };
      },
    };
  }),
  broken('drops the log with the last subscriber', ['subscribe'], (inner) => ({
    subscribe: async (channel, deliver) => {
      const leave = await inner.subscribe(channel, deliver);
      return () => {
        leave();
        void inner.trim(channel).catch(() => {});
      };
    },
  })),
  broken('lets one who throws starve the others', ['isolation'], (inner, hooks) =>
    withFanOut(
      inner,
      (members, entries) => {
        try {
          for (const deliver of members) deliver(entries);
        } catch (error) {
          hooks.onError(error);
        }
      },
      removeOne,
    ),
  ),
  broken('tells nobody what a subscriber threw', ['isolation'], (inner) =>
    withDeliver(inner, (deliver) => (entries) => {
      try {
        deliver(entries);
      } catch {
        // Lost.
      }
    }),
  ),
  broken('sends away one who threw', ['isolation'], (inner) => ({
    subscribe: async (channel, deliver) => {
      const leave: () => void = await inner.subscribe(channel, (entries) => {
        try {
          deliver(entries);
        } catch (error) {
          leave();
          throw error;
        }
      });
      return leave;
    },
  })),
  ...['toLowerCase', 'normalize'].map((fold) =>
    broken(`takes channels that are alike after ${fold}() for one`, ['isolation'], (inner) => {
      const folded = (channel: string): string =>
        fold === 'normalize' ? channel.normalize() : channel.toLowerCase();
      return {
        publish: (channel, record) => inner.publish(folded(channel), record),
        subscribe: (channel, deliver) => inner.subscribe(folded(channel), deliver),
        read: (channel, options) => inner.read(folded(channel), options),
      };
    }),
  ),
  broken('counts all channels with one counter', ['isolation'], (inner) => {
    let published = 0;
    return {
      publish: (channel, record) => {
        published += 1;
        return inner.publish(channel, record);
      },
      position: async (channel) => ({ ...(await inner.position(channel)), offset: published }),
    };
  }),
];
