import type { IncomingMessage, ServerResponse } from 'node:http';
import { PubSubError, quote } from '@hipponot/pubsub-core';
import type { ServerContext } from '../server-context.ts';
import { allowOrigin, answerOptions } from './cors.ts';
import { answerError } from './error-answer.ts';
import { routeOf, whereEndpointsAre, type Route } from './routes.ts';

/**
 * Serves the endpoints under the base path. Fits `createServer(pubsub.nodeHandler)` and, mounted at the
 * root or at the base path, Express and Connect: there a path that is not ours goes to `next`.
 */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: () => void,
) => void;

export function createNodeHandler(context: ServerContext): NodeHandler {
  return (request, response, next) => {
    const { route, path, query } = routeOf(request, context.basePath);
    if (!route && next) return next();
    allowOrigin(request, response, context.cors);
    serve(route, path, new URLSearchParams(query), request, response, context).catch(
      (error: unknown) => {
        answerError(response, error, context.logger);
        // An answer that had begun can't be turned into an error: cutting it is the only honest end.
        if (!response.writableEnded) response.destroy();
      },
    );
  };
}

async function serve(
  route: Route | undefined,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
  context: ServerContext,
): Promise<void> {
  if (!route) {
    throw new PubSubError(
      'not_found',
      `There is nothing at ${quote(path)}: ${whereEndpointsAre(context.basePath)}.`,
    );
  }
  const method = request.method ?? 'GET';
  const allow = allowedMethods(route);
  if (method === 'OPTIONS') return answerOptions(request, response, allow.join(', '));
  const endpoint =
    method === 'HEAD'
      ? route.GET
      : method === 'GET' || method === 'POST'
        ? route[method]
        : undefined;
  if (!endpoint) {
    response.setHeader('Allow', allow.join(', '));
    throw new PubSubError(
      'method_not_allowed',
      `${path} takes ${allow.join(', ')}, not ${quote(method)}.`,
    );
  }
  await endpoint({ request, response, query }, context);
}

function allowedMethods(route: Route): string[] {
  return [...(route.GET ? ['GET', 'HEAD'] : []), ...(route.POST ? ['POST'] : []), 'OPTIONS'];
}
