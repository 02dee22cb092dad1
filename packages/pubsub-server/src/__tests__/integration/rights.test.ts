import { formatCursor } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import type { AuthorizeInput, PolicyAction } from '../../pubsub-options.ts';
import { startLab, tick, type Lab, type LabOptions } from '../mocks/lab.ts';
import { numbers, openStream, subscribe } from '../mocks/stream-client.ts';

/** Everyone is who the header says; `ticks` allows what the set holds. */
async function startGuarded(
  allowed: Set<PolicyAction>,
  asked: AuthorizeInput[] = [],
): Promise<Lab> {
  const options: LabOptions = {
    authenticate: ({ headers }) => ({ user: { id: headers.get('x-user') ?? 'ann', roles: [] } }),
    channels: {
      ticks: {
        authorize: (input) => {
          asked.push(input);
          return allowed.has(input.action);
        },
      },
      orders: { authorize: async ({ action }) => allowed.has(action) },
    },
  };
  return startLab(options);
}

test('each action is asked on its own, with user, address and parameters', async () => {
  const asked: AuthorizeInput<{ room: string }>[] = [];
  const { url } = await startLab({
    authenticate: () => ({ user: { id: 'ann', roles: ['staff'] } }),
    channels: {
      'chat/:room': {
        authorize: (input) => {
          asked.push(input);
          return true;
        },
      },
    },
  });
  await subscribe(url, [{ channel: 'chat/42', history: 1 }]);
  await fetch(`${url}/history?channel=chat/42`);
  await post(`${url}/emit`, { name: 'chat:said', payload: { text: 'x' }, channel: 'chat/42' });

  const common = {
    user: { id: 'ann', roles: ['staff'] },
    channel: 'chat/42',
    params: { room: '42' },
  };
  expect(asked).toEqual(
    ['subscribe', 'replay', 'history', 'emit'].map((action) => ({ ...common, action })),
  );
});

test('without the right to subscribe nothing of the channel arrives, live or replayed', async () => {
  const { pubsub, url } = await startGuarded(new Set(['replay', 'history', 'emit']));
  await tick(pubsub, 1);
  const client = await subscribe(url, [{ channel: 'ticks', history: 10 }, 'tocks']);
  await tick(pubsub, 2);
  await pubsub.publish('tocks:tocked', { n: 3 });
  await client.until(() => client.events().length > 0);

  expect(client.control('denied')).toEqual([
    {
      type: 'denied',
      channel: 'ticks',
      code: 'forbidden',
      message: 'This user may not subscribe to "ticks".',
      retryable: false,
    },
  ]);
  expect(numbers(client)).toEqual([3]);
});

test('without the right to replay, what was missed is told as a gap and not delivered', async () => {
  const { pubsub, url } = await startGuarded(new Set(['subscribe']));
  const { cursor } = await pubsub.publish('ticks:ticked', { n: 1 });
  await tick(pubsub, 2, 5);

  const behind = await subscribe(url, [
    { channel: 'ticks', cursor: formatCursor(cursor), history: 5 },
  ]);
  expect(behind.control('attached')[0]).toMatchObject({
    outcome: 'gap',
    from: formatCursor({ epoch: cursor.epoch, offset: 5 }),
    reason: 'this user may not replay the channel',
  });
  const fresh = await subscribe(url, [{ channel: 'ticks', history: 5 }]);
  const foreign = await subscribe(url, [{ channel: 'ticks', cursor: 'elsewhere:3', history: 5 }]);
  expect(foreign.control('attached')[0]).toMatchObject({ outcome: 'reset' });
  const current = await subscribe(url, [
    { channel: 'ticks', cursor: formatCursor({ epoch: cursor.epoch, offset: 5 }) },
  ]);
  expect(current.control('attached')[0]).toMatchObject({ outcome: 'recovered' });

  await tick(pubsub, 6);
  for (const client of [behind, fresh, foreign, current]) {
    await client.until(() => client.events().length > 0);
    expect(numbers(client)).toEqual([6]);
  }
});

test('history and emit are refused without their rights', async () => {
  const { url } = await startGuarded(new Set(['subscribe', 'replay']));
  const history = await fetch(`${url}/history?channel=ticks`);
  expect(history.status).toBe(403);
  expect(await history.json()).toMatchObject({
    code: 'forbidden',
    message: 'This user may not read the history of "ticks".',
  });
  const emit = await post(`${url}/emit`, { name: 'orders:created', payload: { orderId: '1' } });
  expect(emit.status).toBe(403);
});

test('a right that is gone at the next connection is gone for the replay too', async () => {
  const allowed = new Set<PolicyAction>(['subscribe', 'replay']);
  const { pubsub, url } = await startGuarded(allowed);
  const first = await openStream(`${url}/stream?channel=ticks`);
  await first.until(() => first.control('live').length === 1);
  first.close();
  await tick(pubsub, 1, 3);
  allowed.clear();

  const again = await openStream(`${url}/stream?channel=ticks`, {
    headers: { 'last-event-id': first.lastEventId()! },
  });
  expect(again.status).toBe(403);
});

test('a policy that throws denies for now, and is logged', async () => {
  const { pubsub, url, logged } = await startLab({
    channels: {
      ticks: {
        authorize: ({ action }) => {
          if (action !== 'subscribe') throw new Error('the directory is down');
          return true;
        },
      },
      orders: {
        authorize: () => {
          throw new Error('the directory is down');
        },
      },
    },
  });
  await tick(pubsub, 1, 3);
  // Neither the channel, nor the past of one that may be had without it.
  const client = await subscribe(url, ['orders', { channel: 'ticks', history: 3 }, 'tocks']);
  const denied = client
    .control('denied')
    .map(({ channel, code, retryable }) => ({ channel, code, retryable }));
  expect(denied.toSorted((left, right) => (left.channel < right.channel ? -1 : 1))).toEqual([
    { channel: 'orders', code: 'unavailable', retryable: true },
    { channel: 'ticks', code: 'unavailable', retryable: true },
  ]);
  expect(client.events()).toEqual([]);
  expect(client.text()).not.toContain('directory');
  expect((await fetch(`${url}/history?channel=ticks`)).status).toBe(503);
  const plain = await openStream(`${url}/stream?channel=orders`);
  await plain.over;
  expect(plain.control('denied')[0]).toMatchObject({ code: 'unavailable', retryable: true });
  expect(logged.map(({ level }) => level)).toEqual(['error', 'error', 'error', 'error']);
  expect(logged[0]?.details[0]).toMatchObject({ message: 'the directory is down' });
});

test('a right that was changed elsewhere ends at the next recheck, asked once per user and channel', async () => {
  const allowed = new Set<PolicyAction>(['subscribe']);
  const asked: AuthorizeInput[] = [];
  const { pubsub, url } = await startLab({
    recheckMs: 20,
    authenticate: ({ headers }) => ({ user: { id: headers.get('x-user') ?? 'ann', roles: [] } }),
    channels: {
      ticks: {
        authorize: (input) => {
          asked.push(input);
          return input.user?.id === 'bob' || allowed.has(input.action);
        },
      },
    },
  });
  const clients = await Promise.all([1, 2, 3].map(() => subscribe(url, ['ticks', 'tocks'])));
  const bob = await subscribe(url, ['ticks'], { 'x-user': 'bob' });
  asked.length = 0;
  while (asked.length < 4) await new Promise((resolve) => setImmediate(resolve));
  // Two sweeps, each with one question about ann's three streams and one about bob's.
  const firstFour = asked.slice(0, 4).map(({ user }) => user?.id);
  expect(firstFour.filter((id) => id === 'ann')).toHaveLength(2);
  expect(firstFour.filter((id) => id === 'bob')).toHaveLength(2);

  allowed.clear();
  await Promise.all(
    clients.map((client) => client.until(() => client.control('revoked').length === 1)),
  );
  await tick(pubsub, 1);
  await pubsub.publish('tocks:tocked', { n: 2 });
  await Promise.all(
    [...clients, bob].map((client) => client.until(() => client.events().length > 0)),
  );
  for (const client of clients) {
    expect(numbers(client)).toEqual([2]);
    expect(client.control('revoked')[0]).toMatchObject({
      channel: 'ticks',
      code: 'forbidden',
      retryable: false,
    });
  }
  expect(numbers(bob)).toEqual([1]);
  expect(pubsub.channels()).toContainEqual({ channel: 'ticks', subscribers: 1 });
});

test('only true allows', async () => {
  const { url } = await startLab({ channels: { ticks: { authorize: () => 'yes' as never } } });
  expect((await subscribe(url, ['ticks'])).control('denied')).toHaveLength(1);
});

test('a revoked channel ends alone, for that user alone', async () => {
  const { pubsub, url } = await startGuarded(new Set(['subscribe']));
  const ann = await subscribe(url, ['ticks', 'tocks', 'chat/1', 'chat/2'], { 'x-user': 'ann' });
  const bob = await subscribe(url, ['ticks'], { 'x-user': 'bob' });

  pubsub.revoke({ userId: 'ann', channel: 'ticks' });
  pubsub.revoke({ userId: 'ann', channel: 'chat/:room' });
  await tick(pubsub, 1);
  await pubsub.publish('chat:said', { text: 'x' }, { channel: 'chat/1' });
  await pubsub.publish('tocks:tocked', { n: 2 });
  await Promise.all([ann, bob].map((client) => client.until(() => client.events().length > 0)));

  const revoked = ann.control('revoked');
  expect(revoked.map(({ channel }) => channel)).toEqual(['ticks', 'chat/1', 'chat/2']);
  expect(revoked[0]).toMatchObject({ code: 'forbidden', retryable: false });
  expect(numbers(ann)).toEqual([2]);
  expect(numbers(bob)).toEqual([1]);
});

test("a revoked user's streams end, and authenticate decides about the next", async () => {
  let banned = false;
  const { pubsub, url } = await startLab({
    authenticate: () => (banned ? null : { user: { id: 'ann', roles: [] } }),
  });
  const client = await subscribe(url, ['ticks']);
  banned = true;
  pubsub.revoke({ userId: 'ann' });
  await client.over;
  expect(client.control('drain')[0]).toMatchObject({ reason: 'revoked' });
  expect((await openStream(`${url}/stream?channel=ticks`)).status).toBe(401);
});

test('a revocation overtakes no stream that is just being opened', async () => {
  const asked = Promise.withResolvers<void>();
  let answer = Promise.withResolvers<boolean>();
  let times = 0;
  const { pubsub, url } = await startLab({
    authenticate: () => ({ user: { id: 'ann', roles: [] } }),
    channels: {
      ticks: {
        authorize: () => {
          times += 1;
          if (times > 1) return false;
          asked.resolve();
          return answer.promise;
        },
      },
    },
  });
  const opening = openStream(`${url}/stream?channel=ticks`);
  await asked.promise;
  pubsub.revoke({ userId: 'ann', channel: 'ticks' });
  answer.resolve(true);
  expect((await opening).status).toBe(403);
  expect(times).toBe(2);

  // And over POST, where the stream is open while its policy is asked.
  times = 0;
  answer = Promise.withResolvers<boolean>();
  const posted = await openStream(`${url}/stream`, {
    body: { channels: [{ channel: 'ticks' }, { channel: 'tocks' }] },
  });
  pubsub.revoke({ userId: 'ann', channel: 'ticks' });
  answer.resolve(true);
  await posted.until(
    () => posted.control('live').length === 1 && posted.control('denied').length === 1,
  );
  await tick(pubsub, 1);
  await pubsub.publish('tocks:tocked', { n: 2 });
  await posted.until(() => posted.events().length > 0);
  expect(numbers(posted)).toEqual([2]);
});

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
