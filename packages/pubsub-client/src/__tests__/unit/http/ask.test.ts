import { PubSubError } from '@hipponot/pubsub-core';
import { describe, expect, test, vi } from 'vitest';
import { createAsk } from '../../../http/ask.ts';
import type { SendRequest } from '../../../http/send-request.ts';

const refused = new PubSubError('unauthenticated', 'no', { status: 401 });

describe('a question to the server', () => {
  test('is answered by its JSON', async () => {
    const send = vi.fn<SendRequest>(async () => Response.json({ yes: true }));
    const ask = createAsk(send, new AbortController().signal, 1000);
    expect(await ask('/emit', { a: 1 })).toEqual({ yes: true });
    expect(send.mock.calls).toEqual([
      ['/emit', { a: 1 }, 'application/json', expect.any(AbortSignal), undefined],
    ]);
  });

  test('refused with 401 is asked once more with new credentials, and no oftener', async () => {
    const send = vi
      .fn<SendRequest>()
      .mockRejectedValueOnce(refused)
      .mockResolvedValueOnce(Response.json(1));
    expect(await createAsk(send, new AbortController().signal, 1000)('/emit', {})).toBe(1);
    expect(send.mock.calls.map((call) => call[4])).toEqual([undefined, true]);
    const never = vi.fn<SendRequest>().mockRejectedValue(refused);
    await expect(createAsk(never, new AbortController().signal, 1000)('/emit', {})).rejects.toBe(
      refused,
    );
    expect(never).toHaveBeenCalledTimes(2);
  });

  test('that fails otherwise is not tried again: a repeat is the caller’s to make', async () => {
    const error = new PubSubError('network', 'gone', { retryable: true });
    const send = vi.fn<SendRequest>().mockRejectedValue(error);
    await expect(createAsk(send, new AbortController().signal, 1000)('/emit', {})).rejects.toBe(
      error,
    );
    expect(send).toHaveBeenCalledTimes(1);
  });

  test('whose answer breaks off is a network error', async () => {
    const send: SendRequest = async () => new Response('{"half":');
    await expect(
      createAsk(send, new AbortController().signal, 1000)('/emit', {}),
    ).rejects.toMatchObject({ code: 'network', retryable: true });
  });

  const hanging: SendRequest = () => new Promise(() => {});

  test('that takes too long says so, and ends its request', async () => {
    const signals: AbortSignal[] = [];
    const send: SendRequest = (_path, _body, _accept, signal) => {
      signals.push(signal);
      return hanging('', undefined, '', signal);
    };
    await expect(
      createAsk(send, new AbortController().signal, 5)('/emit', {}),
    ).rejects.toMatchObject({ code: 'timeout', retryable: true });
    expect(signals[0]?.aborted).toBe(true);
  });

  test('is given up with the reason of the caller’s signal, though nothing ever answers', async () => {
    const caller = new AbortController();
    const asked = createAsk(hanging, new AbortController().signal, 10_000)(
      '/emit',
      {},
      caller.signal,
    );
    const reason = new Error('left the page');
    caller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });

  test('ends with `closed` when the client does, before and after it was asked', async () => {
    const closing = new AbortController();
    const send = vi.fn<SendRequest>(hanging);
    const ask = createAsk(send, closing.signal, 10_000);
    const asked = ask('/emit', {});
    closing.abort(new PubSubError('closed', 'closed'));
    await expect(asked).rejects.toMatchObject({ code: 'closed' });
    await expect(ask('/emit', {})).rejects.toMatchObject({ code: 'closed' });
    expect(send).toHaveBeenCalledTimes(1);
  });
});
