import type { Frame, PubSubError } from '@hipponot/pubsub-core';

/** A channel as the body of `POST /stream` names it. */
export interface ChannelRequest {
  readonly channel: string;
  readonly cursor?: string | undefined;
  readonly history?: number | undefined;
}

/** What to open. */
export interface StreamRequest {
  readonly channels: readonly ChannelRequest[];
  /** The last credentials were refused, or are about to expire: ask the application for new ones. */
  readonly refresh: boolean;
}

/** What a stream tells. Never from inside `open`; nothing after `onEnd` or after it was closed. */
export interface StreamListener {
  /** Something came, whatever it is: proof of life. */
  readonly onBytes: () => void;
  readonly onFrame: (frame: Frame) => void;
  /** Once. A stream never ends well: the error says why it is gone. */
  readonly onEnd: (error: PubSubError) => void;
}

/** The way to a server's stream. */
export interface Transport {
  /** Opens a stream and returns its end, which is at once and silent. */
  open(request: StreamRequest, listener: StreamListener): () => void;
}
