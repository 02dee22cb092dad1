import type { IncomingMessage, ServerResponse } from 'node:http';
import { PubSubError } from '@hipponot/pubsub-core';
import type { IncomingRequest, Principal } from '../../pubsub-options.ts';
import type { ServerContext } from '../server-context.ts';

/** One request and its answer on the way through an endpoint. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/** Answers an exchange, or throws what the error answer is made of. */
export type Endpoint = (exchange: Exchange, context: ServerContext) => Promise<void>;

/** @throws {PubSubError} `unauthenticated` */
export async function authenticate(
  { request }: Exchange,
  context: ServerContext,
): Promise<Principal> {
  return validPrincipal(await context.authenticate(incomingRequest(request)));
}

/** Who asks, over HTTP or tRPC, if the credentials hold now. @throws {PubSubError} `unauthenticated` */
export function validPrincipal(principal: Principal | null | undefined): Principal {
  if (!principal) {
    throw new PubSubError('unauthenticated', 'No or no valid credentials came with the request.');
  }
  if (principal.expiresInMs !== undefined && !(principal.expiresInMs > 0)) {
    throw new PubSubError('unauthenticated', 'The credentials have expired.');
  }
  return principal;
}

/** Writes a whole JSON answer. Does nothing where the answer was begun or the client is gone. */
export function answerJson(
  response: ServerResponse,
  status: number,
  json: string,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...jsonHeaders,
    ...headers,
    'Content-Length': Buffer.byteLength(json),
  });
  // For HEAD, Node leaves the body out by itself.
  response.end(json);
}

/** Of every JSON answer: what one user may read must not be kept by a cache for another. */
export const jsonHeaders: Readonly<Record<string, string>> = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

function incomingRequest(request: IncomingMessage): IncomingRequest {
  let headers: Headers | undefined;
  return {
    method: request.method ?? 'GET',
    url: urlOf(request),
    get headers(): Headers {
      headers ??= headersOf(request);
      return headers;
    },
    node: request,
  };
}

function urlOf(request: IncomingMessage): URL {
  const base = `http://${request.headers.host ?? 'localhost'}`;
  // Frameworks strip the path they mounted us at from `url`.
  const { originalUrl = request.url ?? '/' } = request as { originalUrl?: string };
  return URL.parse(originalUrl, base) ?? new URL('http://localhost/');
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // HTTP/2's pseudo-headers are no headers.
    if (value === undefined || name.startsWith(':')) continue;
    for (const item of Array.isArray(value) ? value : [value]) headers.append(name, item);
  }
  return headers;
}
