import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { resolveLimits } from '../../../limits.ts';
import type { Principal } from '../../../pubsub-options.ts';
import { Hub } from '../../../server/hub.ts';
import { RecordingConnection } from '../../mocks/recording-connection.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const ann = { id: 'ann', roles: [] };

function open(hub: Hub, principal: Principal, plain = false): RecordingConnection {
  return hub.admit(principal, (onEnd) => new RecordingConnection(onEnd, plain));
}

test('at the end of its life an SDK stream says drain and lingers, a plain one ends', () => {
  const hub = new Hub(resolveLimits({ lingerMs: 5000 }), 1000);
  const sdk = open(hub, { user: ann });
  const plain = open(hub, { user: ann }, true);
  vi.advanceTimersByTime(1000);
  expect(sdk).toMatchObject({ said: [{ type: 'drain', reason: 'rotation' }], end: undefined });
  expect(plain).toMatchObject({ said: [], end: 'rotation' });
  // Its retryMs is up to a second.
  vi.advanceTimersByTime(3500);
  expect(sdk.end).toBeUndefined();
  vi.advanceTimersByTime(2500);
  expect(sdk.end).toBe('rotation');
  expect(vi.getTimerCount()).toBe(0);
});

test('no stream lingers beyond its credentials', () => {
  const hub = new Hub(resolveLimits(), 1000);
  const sdk = open(hub, { user: ann, expiresInMs: 1500 });
  vi.advanceTimersByTime(1000);
  expect(sdk.said).toEqual([{ type: 'drain', reason: 'rotation' }]);
  vi.advanceTimersByTime(490);
  expect(sdk.end).toBeUndefined();
  vi.advanceTimersByTime(10);
  expect(sdk.end).toBe('expired');
});

test('a stop and a revocation end a stream that lingers', async () => {
  const hub = new Hub(resolveLimits(), 1000);
  const [stopped, revoked] = [open(hub, {}), open(hub, { user: ann })];
  vi.advanceTimersByTime(1000);
  hub.revoke({ userId: 'ann' }, () => undefined);
  await hub.drain(0);
  expect([stopped.end, revoked.end]).toEqual(['stopping', 'revoked']);
  expect(vi.getTimerCount()).toBe(0);
});

test('who is revoked at every try is told so, after a bounded number of them', async () => {
  const hub = new Hub(resolveLimits(), 1000);
  let tries = 0;
  const opening = (id: string): Promise<{ principal: Principal }> =>
    hub.unrevoked(async () => {
      tries += 1;
      hub.revoke({ userId: 'ann' }, () => undefined);
      return { principal: { user: { id, roles: [] } } };
    });
  await opening('bob');
  expect(tries).toBe(1);
  await expect(opening('ann')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  expect(tries).toBe(6);
});
