import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { decodeFrame, type ControlFrame, type EventFrame, type Frame } from '@hipponot/pubsub-core';
import { onTestFinished } from 'vitest';
import { Changes } from './changes.ts';

/** A stream opened by hand, as curl or an SDK would. */
export interface StreamClient {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Every byte so far, as text. */
  readonly text: () => string;
  readonly frames: readonly Frame[];
  /** The last `id:` line. */
  readonly lastEventId: () => string | undefined;
  readonly events: () => EventFrame[];
  /** Control frames of a type. */
  readonly control: <Type extends ControlFrame['type']>(
    type: Type,
  ) => Extract<ControlFrame, { type: Type }>[];
  /** Resolves when the condition holds, now or after some chunk; rejects if the stream ends before. */
  readonly until: (condition: (client: StreamClient) => boolean) => Promise<void>;
  /** Resolves when the stream is over, however. */
  readonly over: Promise<void>;
  readonly close: () => void;
  readonly pause: () => void;
}

export interface OpenOptions {
  readonly headers?: Record<string, string>;
  /** A body makes it a POST. */
  readonly body?: unknown;
  /** Reads nothing. */
  readonly paused?: boolean;
}

/** Resolves with the headers. */
export async function openStream(url: string, options: OpenOptions = {}): Promise<StreamClient> {
  const json = options.body === undefined ? undefined : JSON.stringify(options.body);
  const outgoing: ClientRequest = request(url, {
    method: json === undefined ? 'GET' : 'POST',
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    agent: false,
  });
  outgoing.on('error', () => undefined);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    outgoing.end(json);
  });
  onTestFinished(() => void outgoing.destroy());

  let text = '';
  let parsed = 0;
  let id: string | undefined;
  let ended = false;
  const frames: Frame[] = [];
  const changes = new Changes();
  const parse = (): void => {
    for (let end = text.indexOf('\n\n', parsed); end >= 0; end = text.indexOf('\n\n', parsed)) {
      const fields = new Map(
        text
          .slice(parsed, end)
          .split('\n')
          .map((line) => line.split(/: (.*)/s, 2) as [string, string]),
      );
      parsed = end + 2;
      id = fields.get('id') ?? id;
      const data = fields.get('data');
      const frame = data === undefined ? undefined : decodeFrame(fields.get('event'), data);
      if (frame) frames.push(frame);
    }
  };
  if (!options.paused) {
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
      parse();
      changes.notify();
    });
  }
  response.on('error', () => undefined);
  const over = new Promise<void>((resolve) => {
    response.once('close', () => {
      ended = true;
      changes.notify();
      resolve();
    });
  });

  const client: StreamClient = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: () => text,
    frames,
    lastEventId: () => id,
    events: () => frames.filter((frame) => frame.type === 'event'),
    control: (type) =>
      frames.filter(
        (frame): frame is Extract<ControlFrame, { type: typeof type }> => frame.type === type,
      ),
    until: (condition) =>
      changes.until(() => {
        if (condition(client)) return true;
        if (!ended) return false;
        throw new Error(
          `The stream ended before the condition held. It said:\n${text.slice(-2000)}`,
        );
      }),
    over,
    close: () => void outgoing.destroy(),
    pause: () => void response.pause(),
  };
  return client;
}

/** `POST /stream` over these channels; resolves once each is live or denied. */
export async function subscribe(
  url: string,
  channels: readonly (
    | string
    | { readonly channel: string; readonly cursor?: string; readonly history?: number }
  )[],
  headers: Record<string, string> = {},
): Promise<StreamClient> {
  const list = channels.map((each) => (typeof each === 'string' ? { channel: each } : each));
  const client = await openStream(`${url}/stream`, { body: { channels: list }, headers });
  await client.until(
    () => client.control('live').length + client.control('denied').length >= list.length,
  );
  return client;
}

/** The numbers in the payloads `{ n }`. */
export function numbers(client: StreamClient): number[] {
  return client.events().map(({ envelope }) => (envelope.payload as { n: number }).n);
}

/** 1, 2, … as expected of {@link numbers}. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
