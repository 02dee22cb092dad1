import type { User } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { startLab, tick } from '../mocks/lab.ts';
import { numbers, openStream, subscribe } from '../mocks/stream-client.ts';

type Answer = 'yes' | 'no' | 'throws';

/** A policy of `ticks` that answers as it is told, and resolves `sweeps` after so many more questions. */
function moodyPolicy() {
  let answer: Answer = 'yes';
  let asked = 0;
  const waiting: { at: number; resolve: () => void }[] = [];
  return {
    set: (next: Answer) => {
      answer = next;
    },
    asked: (more: number): Promise<void> =>
      new Promise((resolve) => waiting.push({ at: asked + more, resolve })),
    channels: {
      ticks: {
        authorize: () => {
          asked += 1;
          for (const { at, resolve } of waiting) if (asked >= at) resolve();
          if (answer === 'throws') throw new Error('the directory is down');
          return answer === 'yes';
        },
      },
    },
  };
}

test('users that no JSON holds are asked about again, and again', async () => {
  const policy = moodyPolicy();
  const authenticate = (): { user: User } => {
    const user: User & Record<string, unknown> = { id: 'ann', roles: [], tenant: 12n };
    user['self'] = user;
    return { user };
  };
  const { url } = await startLab({ recheckMs: 20, authenticate, channels: policy.channels });
  const client = await subscribe(url, ['ticks']);
  await policy.asked(2);
  policy.set('no');
  await client.until(() => client.control('revoked').length === 1);
});

test('two sessions of one user that differ in anything are asked about each on its own', async () => {
  const { url } = await startLab({
    recheckMs: 20,
    authenticate: ({ headers }) => ({
      user: { id: 'ann', roles: [], tenant: headers.get('x-tenant') } as User,
    }),
    channels: { ticks: { authorize: ({ user }) => (user as { tenant?: string }).tenant !== left } },
  });
  let left = '';
  const one = await subscribe(url, ['ticks'], { 'x-tenant': 'one' });
  const two = await subscribe(url, ['ticks'], { 'x-tenant': 'two' });
  left = 'two';
  await two.until(() => two.control('revoked').length === 1);
  expect(one.control('revoked')).toEqual([]);
});

test('while a policy throws, a right stays as it was, for a bounded number of rechecks', async () => {
  const policy = moodyPolicy();
  const { pubsub, url } = await startLab({
    recheckMs: 20,
    limits: { failedRechecks: 3 },
    channels: policy.channels,
  });
  const client = await subscribe(url, ['ticks']);
  // Twice in a row is forgiven, and forgotten with the next yes.
  for (let round = 0; round < 3; round += 1) {
    policy.set('throws');
    await policy.asked(2);
    policy.set('yes');
    await policy.asked(1);
  }
  await tick(pubsub, 1);
  await client.until(() => client.events().length === 1);
  expect(client.control('revoked')).toEqual([]);

  policy.set('throws');
  await client.until(() => client.control('revoked').length === 1);
  expect(client.control('revoked')[0]).toMatchObject({ code: 'unavailable', retryable: true });
});

test('a no is a no at once', async () => {
  const policy = moodyPolicy();
  const { url } = await startLab({ recheckMs: 20, channels: policy.channels });
  const client = await subscribe(url, ['ticks']);
  policy.set('no');
  const asked = policy.asked(2);
  await client.until(() => client.control('revoked').length === 1);
  expect(client.control('revoked')[0]).toMatchObject({ code: 'forbidden', retryable: false });
  // Nothing is left to ask about.
  expect(await Promise.race([asked.then(() => 'asked'), tickOnce()])).toBe('quiet');
});

test('a plain client whose channel is revoked for now is sent to come back, and misses nothing', async () => {
  const policy = moodyPolicy();
  const { pubsub, url } = await startLab({
    recheckMs: 20,
    limits: { failedRechecks: 1 },
    channels: policy.channels,
  });
  const first = await openStream(`${url}/stream?channel=ticks&channel=tocks`);
  await first.until(() => first.control('live').length === 2);
  policy.set('throws');
  await first.over;
  expect(first.control('revoked')[0]).toMatchObject({ channel: 'ticks', retryable: true });
  expect(first.control('drain')[0]).toMatchObject({ reason: 'unavailable' });
  await tick(pubsub, 1, 2);

  policy.set('yes');
  const again = await openStream(`${url}/stream?channel=ticks&channel=tocks`, {
    headers: { 'last-event-id': first.lastEventId()! },
  });
  await again.until(() => again.events().length === 2);
  expect(numbers(again)).toEqual([1, 2]);
});

test('a plain client that is refused for now comes back; its other channels are served first', async () => {
  const policy = moodyPolicy();
  const { pubsub, url } = await startLab({ channels: policy.channels });
  policy.set('throws');
  await pubsub.publish('tocks:tocked', { n: 1 });
  const both = await openStream(`${url}/stream?channel=ticks&channel=tocks&history=5`);
  await both.over;
  expect(both.control('denied')[0]).toMatchObject({ channel: 'ticks', retryable: true });
  expect(numbers(both)).toEqual([1]);
  expect(both.control('live')).toHaveLength(1);
  expect(both.control('drain')[0]).toMatchObject({ reason: 'unavailable' });

  // Any status but 200 would end an EventSource for good.
  const alone = await openStream(`${url}/stream?channel=ticks`);
  expect(alone.status).toBe(200);
  await alone.over;
  expect(alone.control('drain')).toHaveLength(1);
  policy.set('no');
  expect((await openStream(`${url}/stream?channel=ticks`)).status).toBe(403);
});

test('revocations of others do not keep a stream from opening', async () => {
  const { pubsub, url } = await startLab({
    authenticate: ({ headers }) => {
      pubsub.revoke({ userId: 'bob', channel: 'ticks' });
      return { user: { id: headers.get('x-user') ?? 'ann', roles: [] } };
    },
  });
  const client = await subscribe(url, ['ticks']);
  expect(client.control('live')).toHaveLength(1);
  // Who is revoked without end is told to come back, after a bounded number of questions.
  const bob = await openStream(`${url}/stream?channel=ticks`, { headers: { 'x-user': 'bob' } });
  expect(bob.status).toBe(503);
});

test('POST asks who it is once, and again only if that user was revoked meanwhile', async () => {
  const tickets = new Set(['first', 'second']);
  let times = 0;
  const { pubsub, url } = await startLab({
    authenticate: ({ headers }) => {
      times += 1;
      const ticket = headers.get('x-ticket') ?? '';
      if (ticket === 'second') pubsub.revoke({ userId: 'ann' });
      return tickets.delete(ticket) ? { user: { id: 'ann', roles: [] } } : null;
    },
  });
  const client = await subscribe(url, ['ticks'], { 'x-ticket': 'first' });
  expect(client.status).toBe(200);
  expect(times).toBe(1);
  const revoked = await openStream(`${url}/stream`, {
    body: { channels: [{ channel: 'ticks' }] },
    headers: { 'x-ticket': 'second' },
  });
  expect(revoked.status).toBe(401);
  expect(times).toBe(3);
});

test('a stream whose life is over says drain and serves on, for so long and no longer', async () => {
  const { pubsub, url } = await startLab({
    streamLifeMs: 40,
    limits: { lingerMs: 1, streamsPerUser: 1 },
    authenticate: () => ({ user: { id: 'ann', roles: [] } }),
  });
  const client = await subscribe(url, ['ticks']);
  await client.until(() => client.control('drain').length === 1);
  expect(client.control('drain')[0]).toMatchObject({ reason: 'rotation' });
  await tick(pubsub, 1);
  // There is room for the one that takes over.
  const next = await subscribe(url, ['ticks']);
  await client.until(() => client.events().length === 1);
  next.close();
  await client.over;
  expect((await pubsub.status()).ended).toMatchObject({ rotation: 1 });
});

/** Ten sweeps' time: only what did not happen is known by waiting. */
async function tickOnce(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return 'quiet';
}
