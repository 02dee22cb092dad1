import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  RequestOptions,
} from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { FaultProxy, FaultProxyOptions } from '../fault-proxy.ts';
import { startFaultProxy } from '../fault-proxy.ts';

/** A server on a free loopback port, gone after the test. */
export async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** A proxy in front of `listener`, closed after the test. */
export async function proxied(
  listener: RequestListener,
  options: Omit<FaultProxyOptions, 'target'> = {},
): Promise<FaultProxy> {
  const target = { host: '127.0.0.1', port: await serve(listener) };
  const proxy = await startFaultProxy({ target, ...options });
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A response while it arrives. */
export class Reply {
  readonly status: number;
  readonly message: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  readonly chunks: Buffer[] = [];
  /** Settles with the error's code when the response broke off, or `'end'`. */
  readonly over: Promise<string>;
  readonly destroy: () => void;
  #wake: (() => void) | undefined;

  constructor(message: IncomingMessage) {
    this.status = message.statusCode ?? 0;
    this.message = message.statusMessage ?? '';
    this.headers = message.headers;
    this.rawHeaders = message.rawHeaders;
    this.destroy = () => message.destroy();
    this.over = new Promise((resolve) => {
      message.on('data', (chunk: Buffer) => {
        this.chunks.push(chunk);
        this.#wake?.();
      });
      message.on('end', () => resolve('end'));
      message.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  /** Resolves once the body so far holds `part`. */
  async until(part: string): Promise<void> {
    while (!this.text.includes(part)) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** Sends a request; rejects with the socket's error when no response head came. */
export function open(url: string, options: RequestOptions = {}, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (message) => resolve(new Reply(message)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The whole text of a response that must end well. */
export async function get(
  url: string,
  options: RequestOptions = {},
  body?: string,
): Promise<Reply> {
  const reply = await open(url, options, body);
  const over = await reply.over;
  if (over !== 'end') throw new Error(`The response broke off: ${over}`);
  return reply;
}

export const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : error;
