import { decodeFrame, PubSubError } from '@hipponot/pubsub-core';
import { createParser } from 'eventsource-parser';
import type { SendRequest } from '../http/send-request.ts';
import type { StreamListener, StreamRequest, Transport } from './transport.ts';

/** The longest frame that is read, in UTF-16 units: 16 times the server's default for an event. */
const maxFrameLength = 4_194_304;

/** Streams by `POST /stream`. */
export function fetchTransport(send: SendRequest): Transport {
  return {
    open(request, listener) {
      const abort = new AbortController();
      const { signal } = abort;
      read(send, request, listener, signal).catch((error: unknown) => {
        if (signal.aborted) return;
        // The rest of a stream that failed in its middle is of no use.
        abort.abort();
        listener.onEnd(error as PubSubError);
      });
      return () => abort.abort();
    },
  };
}

/** Reads a stream to its end, which is always an error. */
async function read(
  send: SendRequest,
  { channels, refresh }: StreamRequest,
  { onBytes, onFrame }: StreamListener,
  signal: AbortSignal,
): Promise<never> {
  const { body } = await send('/stream', { channels }, 'text/event-stream', signal, refresh);
  // What the server asks for by `retry:`, for when this stream ends.
  let retryAfterMs: number | undefined;
  const parser = createParser({
    maxBufferSize: maxFrameLength,
    onEvent({ event, data }) {
      const frame = signal.aborted ? undefined : decodeFrame(event, data);
      if (frame) onFrame(frame);
    },
    onRetry(ms) {
      retryAfterMs = ms;
    },
    onError({ type, message }) {
      // Lines that are no fields are to be ignored; what grows without end is not.
      if (type === 'max-buffer-size-exceeded')
        throw new PubSubError('bad_frame', message, { retryable: true });
    },
  });
  // The parser strips the byte order mark: two strippers would strip two.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const reader = body?.getReader();
  for (;;) {
    const chunk = await reader?.read().catch((cause: unknown) => ({ cause, value: undefined }));
    if (!chunk?.value) {
      throw new PubSubError('network', 'The stream ended.', {
        ...chunk,
        retryable: true,
        retryAfterMs,
      });
    }
    onBytes();
    parser.feed(decoder.decode(chunk.value, { stream: true }));
  }
}
