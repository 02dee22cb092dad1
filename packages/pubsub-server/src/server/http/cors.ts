import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CorsOptions } from '../../pubsub-options.ts';

/** Says on every answer whether the page that asks may read it. */
export function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  cors: CorsOptions | undefined,
): void {
  if (!cors) return;
  // Without it a cache would hand one origin's answer to another.
  const vary = [response.getHeader('Vary') ?? []].flat().join(', ');
  if (!/(^|,)\s*(\*|origin)\s*(,|$)/i.test(vary)) response.appendHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || (cors.origins !== '*' && !cors.origins.includes(origin))) return;
  response.setHeader('Access-Control-Allow-Origin', cors.origins === '*' ? '*' : origin);
  if (cors.origins !== '*') response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
}

/** Answers OPTIONS: what the endpoint takes, and to a preflight what a page of an allowed origin may send. */
export function answerOptions(
  request: IncomingMessage,
  response: ServerResponse,
  allow: string,
): void {
  response.setHeader('Allow', allow);
  if (response.hasHeader('Access-Control-Allow-Origin')) {
    response.setHeader('Access-Control-Allow-Methods', allow);
    // The app's own credentials may travel in any header, so what is asked for is allowed.
    const asked = request.headers['access-control-request-headers'];
    response.setHeader(
      'Access-Control-Allow-Headers',
      asked ?? 'Authorization, Content-Type, Last-Event-ID',
    );
    response.setHeader('Access-Control-Max-Age', '600');
  }
  response.writeHead(204).end();
}
