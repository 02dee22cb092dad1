import type { IncomingMessage } from 'node:http';
import { emitEndpoint } from './emit-endpoint.ts';
import type { Endpoint } from './exchange.ts';
import { historyEndpoint } from './history-endpoint.ts';
import { statusEndpoint } from './status-endpoint.ts';
import { plainStreamEndpoint, streamEndpoint } from './stream-endpoint.ts';

/** The endpoints of one path. */
export interface Route {
  readonly GET?: Endpoint;
  readonly POST?: Endpoint;
}

const routes: ReadonlyMap<string, Route> = new Map([
  ['/stream', { GET: plainStreamEndpoint, POST: streamEndpoint }],
  ['/emit', { POST: emitEndpoint }],
  ['/history', { GET: historyEndpoint }],
  ['/status', { GET: statusEndpoint }],
]);

/** Where the endpoints are, for whoever missed them. */
export function whereEndpointsAre(basePath: string): string {
  const names = [...routes.keys()].map((path) => path.slice(1));
  return `the endpoints are under ${basePath || '/'}: ${names.join(', ')}`;
}

/** What a request asks for, if it is ours. */
export interface Routed {
  readonly route: Route | undefined;
  readonly path: string;
  readonly query: string;
}

/** Frameworks strip the path they mounted us at from `url` and keep the whole in `originalUrl`. */
export function routeOf(
  request: IncomingMessage & { readonly originalUrl?: string },
  basePath: string,
): Routed {
  const own = split(request.url ?? '/');
  for (const { path, query } of [own, split(request.originalUrl ?? '/')]) {
    const route = path.startsWith(basePath) ? routes.get(path.slice(basePath.length)) : undefined;
    if (route) return { route, path, query };
  }
  return { route: undefined, ...own };
}

/** The target is `/path?query`, or with scheme and host before it, which a server MUST take too (RFC 9112, 3.2.2). */
function split(target: string): { path: string; query: string } {
  const url = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const mark = url.indexOf('?');
  return mark < 0
    ? { path: url, query: '' }
    : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}
