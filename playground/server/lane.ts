import { startFaultProxy, type FaultProxy } from '@hipponot/chaos';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * Client B's own way to this server: everything it sends passes a fault proxy. What is cut is really
 * cut: sockets are reset in the middle of what they carry, and no new ones are let in.
 */
export interface Lane {
  readonly isCut: boolean;
  /** `true`: resets what is open, and lets nothing new in. `false`: lets B through again. */
  cut(on: boolean): void;
  /** Is this one of B's paths? */
  takes(path: string): boolean;
  handle(incoming: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** `/pubsub-b/stream` is `/pubsub/stream`, through the proxy. */
const viaProxy = /^\/(pubsub|trpc)-b(?=[/?]|$)/;

export async function startLane(serverPort: number): Promise<Lane> {
  const proxy: FaultProxy = await startFaultProxy({
    target: { host: '127.0.0.1', port: serverPort },
  });
  let isCut = false;
  return {
    get isCut() {
      return isCut;
    },
    cut(on) {
      isCut = on;
      if (!on) return proxy.heal();
      proxy.refuse(true);
      proxy.cut();
    },
    takes: (path) => viaProxy.test(path),
    handle(incoming, response) {
      const path = (incoming.url ?? '/').replace(viaProxy, '/$1');
      const onward = request({
        host: '127.0.0.1',
        port: proxy.port,
        method: incoming.method,
        path,
        headers: incoming.headers,
        // A connection of its own: a pooled one could be a dead one from before the cut.
        agent: false,
      });
      onward.once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        // Cut short on that side is cut short on this side: never a good end that there was not.
        answer.once('close', () => answer.complete || response.destroy());
      });
      // No way through: what a proxy on the way would answer.
      onward.once('error', () => {
        if (response.headersSent) response.destroy();
        else
          response.writeHead(502, { 'content-type': 'text/plain' }).end('The connection is cut.');
      });
      response.once('close', () => onward.destroy());
      incoming.pipe(onward);
    },
    close: () => proxy.close(),
  };
}
