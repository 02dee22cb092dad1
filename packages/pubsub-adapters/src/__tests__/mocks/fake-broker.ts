import { PubSubError } from '@hipponot/pubsub-core';
import type {
  AdapterCapabilities,
  Cursor,
  LinkEvent,
  LogEntry,
  PubSubAdapter,
  ReadPage,
} from '@hipponot/pubsub-core';
import { memory } from '../../in-memory/memory.ts';
import { createLifecycle } from '../../lifecycle.ts';
import type { AdapterHooks, ComplianceOptions } from '../../testing/compliance-options.ts';

/** What a fake broker's adapters do wrong across a break. */
export interface BrokerFaults {
  /** Publishes during a break are answered as accepted, and lost. */
  readonly losesPublishes?: boolean;
  /** Live delivery does not come back after a break. */
  readonly staysSilent?: boolean;
  /** Health never notices. */
  readonly alwaysUp?: boolean;
}

/**
 * A backend that outlives its adapters and is shared by them, over one memory adapter: for the checks
 * that only brokers are asked. `sparse` gives offsets with holes and gaps that cry wolf.
 */
export function fakeBroker({
  sparse = false,
  faults = {},
}: { sparse?: boolean; faults?: BrokerFaults } = {}): ComplianceOptions {
  const backend = memory();
  const stretch = sparse ? 3 : 1;
  const trimmed = new Set<string>();
  const onBreak = new Set<(event: LinkEvent) => void>();
  let broken = false;

  const out = (cursor: Cursor): Cursor => ({ ...cursor, offset: cursor.offset * stretch });
  // A position between two offsets means the lower one; beyond the end it must stay beyond.
  const into = (cursor: Cursor, top: Cursor): Cursor => ({
    ...cursor,
    offset:
      cursor.offset > top.offset * stretch ? top.offset + 1 : Math.floor(cursor.offset / stretch),
  });
  const outEntry = (entry: LogEntry): LogEntry => ({ ...entry, cursor: out(entry.cursor) });
  const outPage = (page: ReadPage): ReadPage => ({
    ...page,
    entries: page.entries.map(outEntry),
    from: out(page.from),
    top: out(page.top),
  });

  function reach(): void {
    if (broken)
      throw new PubSubError('unavailable', 'The fake broker is out of reach.', { retryable: true });
  }

  function create(hooks: AdapterHooks): PubSubAdapter {
    const leaves = new Set<() => void>();
    const listeners = new Set<(event: LinkEvent) => void>();
    const relay = (event: LinkEvent): void => listeners.forEach((listener) => listener(event));
    let lost = false;
    const onLinkChange = (event: LinkEvent): void => {
      lost ||= faults.staysSilent === true && event === 'interrupted';
      relay(event);
    };
    const lifecycle = createLifecycle(
      'fake',
      async () => {
        await backend.start();
        onBreak.add(onLinkChange);
      },
      () => {
        for (const leave of leaves) leave();
        leaves.clear();
        onBreak.delete(onLinkChange);
      },
    );
    const capabilities: AdapterCapabilities = {
      ...backend.capabilities,
      persistence: 'process',
      multiNode: true,
      contiguous: !sparse,
      gapDetection: sparse ? 'conservative' : 'exact',
    };
    return {
      name: 'fake',
      capabilities,
      start: lifecycle.start,
      stop: lifecycle.stop,
      publish: (channel, record) =>
        lifecycle.run('publish', async () => {
          if (broken && faults.losesPublishes)
            return { cursor: { epoch: 'LostLostLost', offset: 1 }, duplicate: false };
          reach();
          const { cursor, duplicate } = await backend.publish(channel, record);
          return { cursor: out(cursor), duplicate };
        }),
      subscribe: (channel, deliver) =>
        lifecycle.run('subscribe', async () => {
          reach();
          const leave = await backend.subscribe(channel, (entries) => {
            if (broken || lost) return;
            try {
              deliver(entries.map(outEntry));
            } catch (error) {
              hooks.onError(error);
            }
          });
          leaves.add(leave);
          return leave;
        }),
      read: (channel, { after, limit }) =>
        lifecycle.run('read', async () => {
          reach();
          if (!after) return outPage(await backend.read(channel, { limit }));
          const asked = into(after, await backend.position(channel));
          const page = await backend.read(channel, { after: asked, limit });
          if (!sparse || page.outcome !== 'ok' || !trimmed.has(channel)) return outPage(page);
          const fromOldest = await backend.read(channel, {
            after: { ...asked, epoch: 'none' },
            limit,
          });
          return outPage({ ...fromOldest, outcome: 'gap' });
        }),
      position: (channel) =>
        lifecycle.run('position', async () => {
          reach();
          return out(await backend.position(channel));
        }),
      trim: (channel, through) =>
        lifecycle.run('trim', async () => {
          reach();
          trimmed.add(channel);
          await backend.trim(channel, through && into(through, await backend.position(channel)));
        }),
      health: async () => ({
        status: lifecycle.state === 'started' && (!broken || faults.alwaysUp) ? 'up' : 'down',
      }),
      onLink(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
  }

  return {
    create,
    async disturb() {
      broken = true;
      for (const listener of onBreak) listener('interrupted');
      return async () => {
        broken = false;
        for (const listener of onBreak) listener('resumed');
      };
    },
  };
}
