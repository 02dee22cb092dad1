import { memory } from '@hipponot/pubsub-adapters/in-memory';
import { PubSubError, type ActionCtx } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { startLab, type Lab, type LabOptions } from '../mocks/lab.ts';
import { range, subscribe } from '../mocks/stream-client.ts';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function emit(
  { url }: Pick<Lab, 'url'>,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${url}/emit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const byHeader: LabOptions['authenticate'] = ({ headers }) => {
  const id = headers.get('x-user');
  return id ? { user: { id, roles: [] } } : {};
};

test('BOTH: the action runs, the server publishes once with the id of the emit, and answers the cursor', async () => {
  const lab = await startLab();
  const client = await subscribe(lab.url, ['orders']);
  const { status, body } = await emit(lab, {
    name: 'orders:created',
    payload: { orderId: '1' },
    id: 'my-emit',
  });
  await client.until(() => client.events().length === 1);

  const [echo] = client.events();
  expect(status).toBe(200);
  expect(body).toEqual({
    id: 'my-emit',
    duplicate: false,
    result: { success: true },
    cursor: `${echo!.cursor.epoch}:1`,
  });
  expect(echo?.envelope).toMatchObject({
    id: 'my-emit',
    name: 'orders:created',
    payload: { orderId: '1', total: 0 },
  });
});

test('BOTH without an action is published as it came', async () => {
  const lab = await startLab();
  const client = await subscribe(lab.url, ['chat/7']);
  const { body } = await emit(lab, {
    name: 'chat:said',
    payload: { text: 'hi' },
    channel: 'chat/7',
  });
  await client.until(() => client.events().length === 1);
  expect(client.events()[0]?.envelope).toMatchObject({ id: body['id'], payload: { text: 'hi' } });
  expect(body).not.toHaveProperty('result');
});

test('CSE: the action runs, nothing is published by itself', async () => {
  const seen: unknown[] = [];
  const lab = await startLab({
    actions: { 'chat:typing': async (_ctx, payload) => void seen.push(payload) },
  });
  const { status, body } = await emit(lab, {
    name: 'chat:typing',
    payload: { on: true },
    channel: 'chat/7',
  });
  expect(status).toBe(200);
  expect(body).toEqual({ id: expect.any(String), duplicate: false });
  expect(seen).toEqual([{ on: true }]);
  expect((await lab.pubsub.history('chat/7')).events).toEqual([]);
});

test('the action gets user, services, ids, and publishes with ids that derive from the emit', async () => {
  let ctx: ActionCtx<{ readonly tag: string }> | undefined;
  const lab = await startLab({
    authenticate: byHeader,
    actions: {
      'orders:created': async (given, payload) => {
        ctx = given;
        await given.publish('orders:shipped', { orderId: payload.orderId });
        await given.emit({
          id: 'ignored',
          name: 'orders:noted',
          channel: 'orders/9',
          payload: { items: [] },
          timestamp: 'ignored',
          meta: { by: 'hand' },
        });
        return { success: true };
      },
    },
  });
  await emit(
    lab,
    { name: 'orders:created', payload: { orderId: '9' }, id: 'e1' },
    { 'x-user': 'ann', 'x-request-id': 'req-1' },
  );

  expect(ctx).toMatchObject({
    user: { id: 'ann', roles: [] },
    services: { tag: 'lab' },
    requestId: 'req-1',
    emitId: 'e1',
    attempt: 1,
  });
  const ids = async (channel: 'orders' | 'orders/9'): Promise<string[]> =>
    (await lab.pubsub.history(channel)).events.map(({ id }) => id);
  expect(await ids('orders')).toEqual(['e1.1', 'e1']);
  expect(await ids('orders/9')).toEqual(['e1.2']);
  const [noted] = (await lab.pubsub.history('orders/9')).events;
  expect(noted?.meta).toEqual({ by: 'hand' });
});

test('an emit sent 50 times at once runs once and gets 50 equal answers, one of them the first', async () => {
  let runs = 0;
  const lab = await startLab({
    actions: {
      'orders:created': async () => {
        runs += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return { success: true };
      },
    },
  });
  const answers = await Promise.all(
    range(1, 50).map(() =>
      emit(lab, { name: 'orders:created', payload: { orderId: '1' }, id: 'same' }),
    ),
  );
  expect(runs).toBe(1);
  expect(answers.filter(({ body }) => body['duplicate'] === false)).toHaveLength(1);
  expect(
    new Set(answers.map(({ body }) => JSON.stringify({ ...body, duplicate: undefined }))).size,
  ).toBe(1);
  const later = await emit(lab, {
    name: 'orders:created',
    payload: { total: 0, orderId: '1' },
    id: 'same',
  });
  expect(later.status).toBe(409);
  const again = await emit(lab, { name: 'orders:created', payload: { orderId: '1' }, id: 'same' });
  expect(again.body).toMatchObject({ duplicate: true, result: { success: true } });
  expect((await lab.pubsub.history('orders')).events).toHaveLength(1);
});

test('the order of the keys makes no other payload; another payload, channel or user is a conflict', async () => {
  const lab = await startLab({ authenticate: byHeader });
  const first = { name: 'orders:created', payload: { orderId: '1', total: 5 }, id: 'x' };
  expect((await emit(lab, first, { 'x-user': 'ann' })).status).toBe(200);
  expect(
    (await emit(lab, { ...first, payload: { total: 5, orderId: '1' } }, { 'x-user': 'ann' })).body[
      'duplicate'
    ],
  ).toBe(true);
  for (const [body, user] of [
    [{ ...first, payload: { orderId: '1', total: 6 } }, 'ann'],
    [first, 'bob'],
    [first, ''],
  ] as const) {
    const { status, body: answer } = await emit(lab, body, user ? { 'x-user': user } : {});
    expect(status).toBe(409);
    expect(answer).toMatchObject({ code: 'emit_conflict', path: ['id'], retryable: false });
  }
  const said = { name: 'chat:said', payload: { text: 'x' }, id: 'x' };
  expect((await emit(lab, { ...said, channel: 'chat/1' })).status).toBe(200);
  expect((await emit(lab, { ...said, channel: 'chat/2' })).status).toBe(409);
});

test("an emit takes nobody else's id: another event, or a publish of the server, on the same channel", async () => {
  const lab = await startLab();
  const client = await subscribe(lab.url, ['orders']);
  const created = await emit(lab, {
    name: 'orders:created',
    payload: { orderId: '1' },
    id: 'same',
  });
  const cancelled = await emit(lab, {
    name: 'orders:cancelled',
    payload: { orderId: '1' },
    id: 'same',
  });
  const shipped = await lab.pubsub.publish('orders:shipped', { orderId: '1' }, { id: 'same' });
  await client.until(() => client.events().length === 3);

  const echoes = client.events().map(({ envelope: { id, name } }) => `${name} ${id}`);
  expect(echoes).toEqual(['orders:created same', 'orders:cancelled same', 'orders:shipped same']);
  expect(created.body['cursor']).not.toBe(cancelled.body['cursor']);
  expect(shipped.duplicate).toBe(false);
});

test('an event that would be too large is refused before its action runs', async () => {
  let runs = 0;
  const lab = await startLab({
    limits: { eventBytes: 500 },
    actions: {
      'orders:created': async () => {
        runs += 1;
        return { success: true };
      },
    },
  });
  expect(
    (await emit(lab, { name: 'orders:created', payload: { orderId: 'x'.repeat(500) } })).status,
  ).toBe(413);
  expect(runs).toBe(0);
});

test('outside the window the id is free again', async () => {
  let runs = 0;
  const lab = await startLab({
    emitWindowMs: 1,
    actions: {
      'orders:created': async () => {
        runs += 1;
        return { success: true };
      },
    },
  });
  await emit(lab, { name: 'orders:created', payload: { orderId: '1' }, id: 'x' });
  const first = Date.now();
  while (Date.now() < first + 2) await new Promise((resolve) => setImmediate(resolve));
  await emit(lab, { name: 'orders:created', payload: { orderId: '2' }, id: 'x' });
  expect(runs).toBe(2);
});

test('an error the action chose for the client reaches it; any other stays on the server', async () => {
  const lab = await startLab({
    actions: {
      'orders:created': async (_ctx, { orderId }) => {
        if (orderId === 'refused')
          throw new PubSubError('forbidden', 'Orders are closed today.', {
            path: ['payload', 'orderId'],
          });
        if (orderId === 'ours')
          throw new PubSubError('network', 'The stock service at 10.0.0.7 is away.');
        throw new Error('duplicate key value violates "orders_pkey"');
      },
    },
  });
  const send = (orderId: string): Promise<Answer> =>
    emit(lab, { name: 'orders:created', payload: { orderId }, id: orderId });

  expect(await send('refused')).toEqual({
    status: 403,
    body: {
      code: 'forbidden',
      message: 'Orders are closed today.',
      retryable: false,
      path: ['payload', 'orderId'],
    },
  });
  expect(lab.logged).toEqual([]);
  for (const orderId of ['broken', 'ours']) {
    const failed = await send(orderId);
    expect(failed).toEqual({
      status: 500,
      body: {
        code: 'action_failed',
        message: `The action of "orders:created" failed (emit ${orderId}): the cause is in the server's log.`,
        retryable: false,
      },
    });
    // Final: the retry gets the same, the action does not run again.
    expect(await send(orderId)).toEqual(failed);
  }
  expect(lab.logged.map(({ message }) => message)).toEqual([
    'The action of "orders:created" failed (emit broken).',
    'The action of "orders:created" failed (emit ours).',
  ]);
  expect((await lab.pubsub.history('orders')).events).toEqual([]);
});

test('an action that fails for now runs again on the retry, with the attempt counted, and publishes nothing twice', async () => {
  const attempts: number[] = [];
  const lab = await startLab({
    actions: {
      'orders:created': async (ctx) => {
        attempts.push(ctx.attempt);
        await ctx.publish('orders:shipped', { orderId: '1' });
        if (ctx.attempt < 3)
          throw new PubSubError('unavailable', 'The stock is busy.', {
            retryable: true,
            retryAfterMs: 1500,
          });
        return { success: true };
      },
    },
  });
  const send = () =>
    fetch(`${lab.url}/emit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'orders:created', payload: { orderId: '1' }, id: 'x' }),
    });
  const first = await send();
  expect(first.status).toBe(503);
  expect(first.headers.get('retry-after')).toBe('2');
  expect(await first.json()).toMatchObject({
    code: 'unavailable',
    retryable: true,
    retryAfterMs: 1500,
  });
  expect((await send()).status).toBe(503);
  expect(await (await send()).json()).toMatchObject({
    duplicate: false,
    result: { success: true },
  });
  expect(attempts).toEqual([1, 2, 3]);
  expect((await lab.pubsub.history('orders')).events.map(({ id }) => id)).toEqual(['x.1', 'x']);
});

test('when only the publish fails, the retry publishes and does not run the action again', async () => {
  const inner = memory();
  let refuse = true;
  let runs = 0;
  const lab = await startLab({
    adapter: {
      ...inner,
      publish: async (channel, record) => {
        if (refuse) throw new Error('the log is read-only');
        return inner.publish(channel, record);
      },
    },
    actions: {
      'orders:created': async () => {
        runs += 1;
        return { success: true };
      },
    },
  });
  const send = (): Promise<Answer> =>
    emit(lab, { name: 'orders:created', payload: { orderId: '1' }, id: 'x' });
  expect(await send()).toMatchObject({
    status: 503,
    body: { code: 'unavailable', retryable: true },
  });
  refuse = false;
  expect(await send()).toMatchObject({
    status: 200,
    body: { result: { success: true }, cursor: expect.any(String) },
  });
  expect(runs).toBe(1);
});

test('a result that does not fit its schema is bad_result, told to the log and not to subscribers', async () => {
  const lab = await startLab({
    actions: { 'orders:created': async () => ({ success: 'perhaps' }) as never },
  });
  const { status, body } = await emit(lab, { name: 'orders:created', payload: { orderId: '1' } });
  expect(status).toBe(500);
  expect(body).toMatchObject({ code: 'bad_result', path: ['result', 'success'], retryable: false });
  expect(lab.logged).toHaveLength(1);
  expect((await lab.pubsub.history('orders')).events).toEqual([]);
});

test("what an action publishes wrongly is the server's fault, not the client's", async () => {
  const lab = await startLab({
    actions: {
      'orders:created': async (ctx) => {
        // @ts-expect-error the compiler sees it first
        await ctx.publish('orders:shipped', { wrong: true });
        return { success: true };
      },
    },
  });
  const { body } = await emit(lab, { name: 'orders:created', payload: { orderId: '1' }, id: 'e1' });
  expect(body).toEqual({
    code: 'action_failed',
    message: `The action of "orders:created" failed (emit e1): the cause is in the server's log.`,
    retryable: false,
  });
});

test('strict: the emits of a user on a channel run one after another; those of others, and relaxed ones, beside them', async () => {
  for (const ordering of ['strict', 'relaxed'] as const) {
    const trail: string[] = [];
    const gate = Promise.withResolvers<void>();
    const lab = await startLab({
      authenticate: byHeader,
      channels: { orders: { ordering } },
      actions: {
        'orders:created': async (ctx, { orderId }) => {
          trail.push(`${ctx.user?.id} ${orderId} begins`);
          if (orderId === '1') await gate.promise;
          trail.push(`${ctx.user?.id} ${orderId} ends`);
          return { success: true };
        },
      },
    });
    const send = (orderId: string, user: string): Promise<Answer> =>
      emit(lab, { name: 'orders:created', payload: { orderId } }, { 'x-user': user });
    const first = send('1', 'ann');
    while (trail.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const second = send('2', 'ann');
    await send('2', 'bob');
    if (ordering === 'relaxed') await second;
    gate.resolve();
    await Promise.all([first, second]);
    const ann = trail.filter((line) => line.startsWith('ann'));
    expect(ann).toEqual(
      ordering === 'strict'
        ? ['ann 1 begins', 'ann 1 ends', 'ann 2 begins', 'ann 2 ends']
        : ['ann 1 begins', 'ann 2 begins', 'ann 2 ends', 'ann 1 ends'],
    );
    expect(trail.indexOf('bob 2 ends')).toBeLessThan(trail.indexOf('ann 1 ends'));
    await lab.close();
  }
});

test('more emits than may run at once are refused for now', async () => {
  const gate = Promise.withResolvers<void>();
  const lab = await startLab({
    limits: { emits: 2 },
    actions: {
      'orders:created': async () => {
        await gate.promise;
        return { success: true };
      },
    },
  });
  const send = (id: string): Promise<Answer> =>
    emit(lab, { name: 'orders:created', payload: { orderId: id }, id });
  const running = [send('1'), send('2')];
  while ((await lab.pubsub.status()).runningEmits < 2)
    await new Promise((resolve) => setImmediate(resolve));
  expect(await send('3')).toMatchObject({
    status: 503,
    body: { code: 'unavailable', retryable: true },
  });
  gate.resolve();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await send('3')).status).toBe(200);
});

test('an action that hangs is told to stop, answered in_doubt for good, and the next of its lane runs', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const runs: string[] = [];
  const lab = await startLab({
    authenticate: byHeader,
    actionTimeoutMs: 30,
    actions: {
      'orders:created': async (_ctx, { orderId }, opts) => {
        runs.push(orderId);
        signals.push(opts?.signal);
        if (orderId === 'hung') await new Promise(() => undefined);
        return { success: true };
      },
    },
  });
  const send = (orderId: string): Promise<Answer> =>
    emit(lab, { name: 'orders:created', payload: { orderId }, id: orderId }, { 'x-user': 'ann' });
  const hung = send('hung');
  while (runs.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const doubt = {
    status: 504,
    body: {
      code: 'in_doubt',
      message:
        'The action of "orders:created" took too long: it is unknown whether the emit took effect.',
      retryable: false,
    },
  };
  expect(await hung).toEqual(doubt);
  expect(signals[0]?.aborted).toBe(true);
  expect(await send('hung')).toEqual(doubt);
  expect((await send('next')).status).toBe(200);
  expect(signals[1]?.aborted).toBe(false);
  expect(runs).toEqual(['hung', 'next']);
  expect((await lab.pubsub.status()).runningEmits).toBe(0);
  expect((await lab.pubsub.history('orders')).events.map(({ id }) => id)).toEqual(['next']);
  expect(lab.logged.map(({ message }) => message)).toEqual([
    'The action of "orders:created" took longer than 30 ms (emit hung).',
  ]);
});

test('more emits of one user than may run or wait at once are refused for now; those of others go on', async () => {
  const gate = Promise.withResolvers<void>();
  const lab = await startLab({
    authenticate: byHeader,
    limits: { emitsPerUser: 2 },
    actions: {
      'orders:created': async (ctx) => {
        if (ctx.user?.id === 'ann') await gate.promise;
        return { success: true };
      },
    },
  });
  const send = (id: string, user: string): Promise<Answer> =>
    emit(lab, { name: 'orders:created', payload: { orderId: id }, id }, { 'x-user': user });
  // A repeat waits for the first, and holds a connection as well.
  const running = [send('1', 'ann'), send('1', 'ann')];
  const { perUser } = lab.pubsub['~server'].emitting;
  while (perUser.get('ann') !== 2) await new Promise((resolve) => setImmediate(resolve));
  expect(await send('2', 'ann')).toMatchObject({
    status: 429,
    body: { code: 'too_many_emits', retryable: true, retryAfterMs: 1000 },
  });
  expect((await send('2', 'bob')).status).toBe(200);
  gate.resolve();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await send('3', 'ann')).status).toBe(200);
});

test('as `curl --json` sends it, an emit works', async () => {
  const lab = await startLab();
  const answer = await fetch(`${lab.url}/emit`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'curl/8',
    },
    body: '{"name":"orders:created","payload":{"orderId":"42"}}',
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ result: { success: true } });
});
