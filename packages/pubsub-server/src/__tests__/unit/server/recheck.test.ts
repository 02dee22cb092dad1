import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { resolveLimits } from '../../../limits.ts';
import { Hub } from '../../../server/hub.ts';
import { recheckRights } from '../../../server/recheck.ts';
import { Subscription } from '../../../server/subscription.ts';
import { RecordingConnection } from '../../mocks/recording-connection.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(hub: Hub, id: string): Subscription {
  const connection = hub.admit(
    { user: { id, roles: [] } },
    (onEnd) => new RecordingConnection(onEnd),
  );
  const subscription = new Subscription('ticks', connection);
  connection.subscriptions.set('ticks', subscription);
  return subscription;
}

test('a policy that never answers does not keep the other channels from being asked', async () => {
  const hub = new Hub(resolveLimits({ failedRechecks: 2 }), 600_000);
  const hanging = Array.from({ length: 40 }, (_, index) => open(hub, `hanging ${index}`));
  const ann = open(hub, 'ann');
  const recheck = async (): Promise<void> => {
    const done = recheckRights(hub, async (user) => {
      if (user?.id === 'ann') throw new Error('not known');
      return new Promise<never>(() => {});
    });
    // Sixteen at a time, so three times round.
    await vi.advanceTimersByTimeAsync(30_000);
    await done;
  };
  await recheck();
  expect([...hanging, ann].map(({ failedRechecks }) => failedRechecks)).toEqual(
    Array.from({ length: 41 }, () => 1),
  );
  expect(ann.closed).toBe(false);
  await recheck();
  expect([...hanging, ann].every(({ closed }) => closed)).toBe(true);
});

test('a user whose claims cannot be read is asked about on its own', async () => {
  const hub = new Hub(resolveLimits(), 600_000);
  const asked: unknown[] = [];
  for (let n = 0; n < 2; n += 1) {
    const user = {
      id: 'ann',
      roles: [],
      get claims(): never {
        throw new Error('no');
      },
    };
    const connection = hub.admit({ user }, (onEnd) => new RecordingConnection(onEnd));
    connection.subscriptions.set('ticks', new Subscription('ticks', connection));
  }
  await recheckRights(hub, async (user) => {
    asked.push(user?.id);
    throw new Error('not known');
  });
  expect(asked).toEqual(['ann', 'ann']);
});
