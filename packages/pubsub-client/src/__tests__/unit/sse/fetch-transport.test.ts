import { PubSubError, type Frame } from '@hipponot/pubsub-core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { SendRequest } from '../../../http/send-request.ts';
import { fetchTransport } from '../../../sse/fetch-transport.ts';

const utf8 = new TextEncoder();

interface Read {
  readonly frames: Frame[];
  readonly bytes: number;
  readonly error: PubSubError;
}

/** Reads these chunks as one stream, to its end. */
async function read(chunks: readonly (string | Uint8Array)[], fail?: Error): Promise<Read> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks)
        controller.enqueue(typeof chunk === 'string' ? utf8.encode(chunk) : chunk);
      if (fail) controller.error(fail);
      else controller.close();
    },
  });
  const frames: Frame[] = [];
  let bytes = 0;
  const error = await new Promise<PubSubError>((onEnd) => {
    const transport = fetchTransport(async () => new Response(body));
    transport.open(
      { channels: [], refresh: false },
      { onBytes: () => (bytes += 1), onFrame: (frame) => frames.push(frame), onEnd },
    );
  });
  return { frames, bytes, error };
}

const event = (offset: number, payload: unknown = offset): string =>
  `data: ${JSON.stringify({ cursor: `e:${offset}`, id: 'i', name: 'a:b', channel: 'a', payload, timestamp: '' })}\n\n`;
const live = 'event: live\ndata: {"channel":"a","replayed":0,"to":"e:1"}\n\n';

const offsets = ({ frames }: Read): unknown[] =>
  frames.map((frame) => (frame.type === 'event' ? frame.cursor.offset : frame.type));

describe('a stream', () => {
  test('gives its frames in order, and ends with an error even where it ends well', async () => {
    const result = await read([event(1), live, event(2)]);
    expect(offsets(result)).toEqual([1, 'live', 2]);
    expect(result).toMatchObject({ bytes: 3, error: { code: 'network', retryable: true } });
  });

  test('is the same however it is cut into chunks', async () => {
    const text = `\uFEFF: hello\n\n${event(1, 'grüße 🎉')}retry: 2000\n${live}\r\n${event(2)}event: later\ndata: {}\n\n${event(3)}`;
    const whole = await read([text]);
    expect(offsets(whole)).toEqual([1, 'live', 2, 3]);
    const bytes = utf8.encode(text);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (sizes) => {
          const chunks: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(bytes.slice(at, at + size));
            at += size;
          }
          expect((await read(chunks)).frames).toEqual(whole.frames);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('has one byte order mark stripped, not two', async () => {
    expect(offsets(await read([`\uFEFF${event(1)}${event(2)}`]))).toEqual([1, 2]);
    expect(offsets(await read([`\uFEFF\uFEFF${event(1)}${event(2)}`]))).toEqual([2]);
  });

  test('is UTF-8 with replacement: bytes that are none break nothing', async () => {
    const broken = utf8.encode(event(1, 'x'));
    broken[broken.indexOf('x'.charCodeAt(0), 60)] = 0xff;
    const result = await read([broken, event(2)]);
    expect(offsets(result)).toEqual([1, 2]);
  });

  test('does not take U+2028 or U+0085 in a payload for the end of a line', async () => {
    const { frames } = await read([event(1, 'a\u2028b\u0085c')]);
    expect(frames[0]).toMatchObject({ envelope: { payload: 'a\u2028b\u0085c' } });
  });

  test('drops what was cut before its end', async () => {
    expect(offsets(await read([event(1), event(2).slice(0, -1)]))).toEqual([1]);
  });

  test('passes over comments, unknown fields and control types of a later version', async () => {
    expect(
      offsets(
        await read([
          ': beat\n\n',
          'nonsense\n',
          'event: presence\ndata: {"who":1}\n\n',
          'foo: bar\n\n',
          event(1),
        ]),
      ),
    ).toEqual([1]);
  });

  test.each([
    ['a control frame that is no JSON', 'event: attached\ndata: {"channel":\n\n'],
    [
      'a control frame without its position',
      'event: attached\ndata: {"channel":"a","outcome":"fresh","from":"nowhere"}\n\n',
    ],
    ['a data frame without a cursor', 'data: {"id":"i","name":"a:b","channel":"a"}\n\n'],
    ['a data frame that is no JSON', 'data: hello\n\n'],
  ])('%s ends it: what follows could stand anywhere', async (_name, frame) => {
    const result = await read([event(1), frame, event(2)]);
    expect(offsets(result)).toEqual([1]);
    expect(result.error).toMatchObject({ code: 'bad_frame', retryable: true });
  });

  test('that never ends a line is ended before it fills the memory', async () => {
    const megabyte = 'x'.repeat(1_048_576);
    let sent = 0;
    const cancel = vi.fn();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(utf8.encode(sent === 1 ? `data: ${megabyte}` : megabyte));
      },
      cancel,
    });
    const signals: AbortSignal[] = [];
    const send: SendRequest = async (_path, _body, _accept, signal) => {
      signals.push(signal);
      return new Response(body);
    };
    const error = await new Promise((onEnd) =>
      fetchTransport(send).open(
        { channels: [], refresh: false },
        { onBytes() {}, onFrame() {}, onEnd },
      ),
    );
    expect(error).toMatchObject({ code: 'bad_frame' });
    expect(sent).toBeLessThan(10);
    expect(signals[0]?.aborted).toBe(true);
  });

  test('a large event in small slices takes linear time', async () => {
    const text = event(1, 'y'.repeat(3_000_000));
    const slices = Array.from({ length: Math.ceil(text.length / 4096) }, (_, index) =>
      text.slice(index * 4096, (index + 1) * 4096),
    );
    expect(offsets(await read(slices))).toEqual([1]);
  });

  test('that breaks off is a network error, and says what `retry:` asked for', async () => {
    const cause = new TypeError('terminated');
    const result = await read(['retry: 7000\n\n'], cause);
    expect(result.error).toMatchObject({ code: 'network', retryable: true });
    const ended = await read(['retry: 7000\n\n', event(1)]);
    expect(ended.error.retryAfterMs).toBe(7000);
  });
});

describe('opening', () => {
  test('sends the set and whether to refresh, and tells why it failed', async () => {
    const refusal = new PubSubError('forbidden', 'no', { status: 403 });
    const send = vi.fn<SendRequest>().mockRejectedValue(refusal);
    const channels = [{ channel: 'a', cursor: 'e:1' }];
    const error = await new Promise((onEnd) =>
      fetchTransport(send).open({ channels, refresh: true }, { onBytes() {}, onFrame() {}, onEnd }),
    );
    expect(error).toBe(refusal);
    expect(send).toHaveBeenCalledWith(
      '/stream',
      { channels },
      'text/event-stream',
      expect.any(AbortSignal),
      true,
    );
  });

  test('is undone at once and silently, before and after the answer', async () => {
    const onEnd = vi.fn();
    const onFrame = vi.fn();
    const signals: AbortSignal[] = [];
    let answer: (response: Response) => void = () => {};
    const send: SendRequest = (_path, _body, _accept, signal) => {
      signals.push(signal);
      return new Promise((resolve) => (answer = resolve));
    };
    const transport = fetchTransport(send);
    const listener = { onBytes() {}, onFrame, onEnd };
    const close = transport.open({ channels: [], refresh: false }, listener);
    close();
    answer(new Response(event(1)));
    await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true));

    const second = transport.open(
      { channels: [], refresh: false },
      {
        ...listener,
        onFrame(frame) {
          onFrame(frame);
          second();
        },
      },
    );
    answer(new Response(event(1) + event(2)));
    await vi.waitFor(() => expect(onFrame).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect([onFrame.mock.calls.length, onEnd.mock.calls.length]).toEqual([1, 0]);
  });
});
