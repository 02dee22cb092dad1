import { afterEach, describe, expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import type { contract } from '../../../../pubsub-server/src/__tests__/test-contract.ts';
import { createClient } from '../../client/create-client.ts';
import type { Recovery } from '../../channels/channel-snapshot.ts';
import type { PubSubClient } from '../../client/pubsub-client.ts';

// Invariants against a real server through a real fault proxy, in a real Chromium: each event once, in
// order, and `recovery` tells the truth.

interface Session {
  readonly app: string;
  readonly client: PubSubClient<typeof contract>;
  readonly seen: string[];
  readonly recoveries: Recovery[];
  readonly gaps: { readonly recovery: Recovery; readonly after: number }[];
}

const sessions: Session[] = [];

afterEach(async () => {
  for (const { client, app } of sessions.splice(0)) {
    client.close();
    await commands.stopApp(app);
  }
});

async function open(options: { heartbeatMs?: number; maxEvents?: number } = {}): Promise<Session> {
  const { app, url } = await commands.startApp(options);
  const client = createClient<typeof contract>({
    url: `${url}/pubsub`,
    backoff: { baseMs: 50, maxMs: 200 },
  });
  const session: Session = { app, client, seen: [], recoveries: [], gaps: [] };
  sessions.push(session);
  client.channel('orders').listen({
    onEvent: (event) => session.seen.push(event.payload.orderId),
    onRecovery: (recovery) => session.recoveries.push(recovery),
    onGap: (recovery) => session.gaps.push({ recovery, after: session.seen.length }),
  });
  await vi.waitFor(
    () => expect(client.channel('orders').getSnapshot().status).toBe('live'),
    within,
  );
  return session;
}

const within = { timeout: 15_000, interval: 20 };
const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

function lastOutcome({ client }: Session): string | undefined {
  return client.channel('orders').getSnapshot().recovery?.outcome;
}

async function publishAndSee(session: Session, from: number, to: number): Promise<void> {
  await commands.publish(session.app, 'orders', ids(from, to));
  await vi.waitFor(() => expect(session.seen.at(-1)).toBe(String(to - 1)), within);
}

describe('in Chromium, through the fault proxy', () => {
  test('a socket cut in mid-event loses nothing and repeats nothing', async () => {
    const session = await open();
    await publishAndSee(session, 0, 5);
    await commands.fault(session.app, 'cutInsideEvent');
    await publishAndSee(session, 5, 20);
    expect(session.seen).toEqual(ids(0, 20));
    expect(lastOutcome(session)).toBe('recovered');
    expect(await commands.requestsTo(session.app, '/stream')).toBe(2);
  });

  test('events published while the connection is refused arrive once it returns', async () => {
    const session = await open();
    await publishAndSee(session, 0, 3);
    await commands.fault(session.app, 'refuse', [true]);
    await commands.fault(session.app, 'cut');
    await vi.waitFor(
      () => expect(session.client.connection.getSnapshot().state).toBe('reconnecting'),
      within,
    );
    await commands.publish(session.app, 'orders', ids(3, 40));
    await commands.fault(session.app, 'refuse', [false]);
    await vi.waitFor(() => expect(session.seen).toHaveLength(40), within);
    expect(session.seen).toEqual(ids(0, 40));
    expect(session.client.channel('orders').getSnapshot().recovery).toMatchObject({
      outcome: 'recovered',
      replayed: 37,
    });
    expect(session.gaps).toEqual([]);
  });

  test('a 503 on the reconnect is survived', async () => {
    const session = await open();
    await publishAndSee(session, 0, 2);
    await commands.fault(session.app, 'respond', [
      {
        status: 503,
        times: 2,
        headers: { 'access-control-allow-origin': '*' },
        match: { method: 'POST' },
      },
    ]);
    await commands.fault(session.app, 'cut');
    await publishAndSee(session, 2, 12);
    expect(session.seen).toEqual(ids(0, 12));
    expect(lastOutcome(session)).toBe('recovered');
    // The first, two that were answered 503, and the one that went through.
    expect(await commands.requestsTo(session.app, '/stream')).toBe(4);
  });

  test('events published during the replay of a reconnect keep their order', async () => {
    const session = await open();
    await publishAndSee(session, 0, 1);
    await commands.fault(session.app, 'slice', [1, 64, 7]);
    for (let round = 0; round < 3; round += 1) {
      const from = 1 + round * 50;
      const published = commands.publish(session.app, 'orders', ids(from, from + 50));
      await commands.fault(session.app, 'cut');
      await published;
      await vi.waitFor(() => expect(session.seen.at(-1)).toBe(String(from + 49)), within);
    }
    expect(session.seen).toEqual(ids(0, 151));
    expect(await commands.requestsTo(session.app, '/stream')).toBe(4);
  });

  test('a server killed and restarted without its memory is told as a reset, before the next event', async () => {
    const session = await open();
    await publishAndSee(session, 0, 5);
    await commands.killApp(session.app);
    await vi.waitFor(
      () => expect(session.client.connection.getSnapshot().state).toBe('reconnecting'),
      within,
    );
    await commands.restartApp(session.app);
    await vi.waitFor(() => expect(lastOutcome(session)).toBe('reset'), within);
    await publishAndSee(session, 5, 8);
    expect(session.seen).toEqual(ids(0, 8));
    expect(session.gaps.map(({ recovery, after }) => [recovery.outcome, after])).toEqual([
      ['reset', 5],
    ]);
  });

  test('what the log no longer holds is told as a gap, before the next event', async () => {
    const session = await open({ maxEvents: 10 });
    await publishAndSee(session, 0, 5);
    await commands.fault(session.app, 'refuse', [true]);
    await commands.fault(session.app, 'cut');
    await commands.publish(session.app, 'orders', ids(5, 35));
    await commands.fault(session.app, 'refuse', [false]);
    await vi.waitFor(() => expect(session.seen.at(-1)).toBe('34'), within);
    expect(session.seen).toEqual([...ids(0, 5), ...ids(25, 35)]);
    expect(session.gaps.map(({ recovery, after }) => [recovery.outcome, after])).toEqual([
      ['gap', 5],
    ]);
  });

  test('a second channel joins while events flow, and no event is lost or shown twice', async () => {
    const session = await open();
    const said: string[] = [];
    const published = commands.publish(session.app, 'orders', ids(0, 300));
    session.client.channel('chat/42').listen({ onEvent: (event) => said.push(event.payload.text) });
    await published;
    await vi.waitFor(
      () => expect(session.client.channel('chat/42').getSnapshot().status).toBe('live'),
      within,
    );
    await commands.publish(session.app, 'chat/42', ['hello']);
    await vi.waitFor(() => expect(said).toEqual(['hello']), within);
    await vi.waitFor(() => expect(session.seen.at(-1)).toBe('299'), within);
    expect(session.seen).toEqual(ids(0, 300));
  });

  test('a mute connection is noticed without any error from the network', async () => {
    const session = await open({ heartbeatMs: 200 });
    await publishAndSee(session, 0, 2);
    await commands.fault(session.app, 'stall', [true]);
    await commands.publish(session.app, 'orders', ids(2, 6));
    await vi.waitFor(
      () => expect(session.client.connection.getSnapshot().state).toBe('reconnecting'),
      within,
    );
    await commands.fault(session.app, 'cut');
    await commands.fault(session.app, 'heal');
    await vi.waitFor(() => expect(session.seen).toEqual(ids(0, 6)), within);
    expect(lastOutcome(session)).toBe('recovered');
  });
});
