import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createServer as createViteServer, type ProxyOptions, type ViteDevServer } from 'vite';
import { anyPort, freePort } from './free-port.ts';
import { startServer, type ServerProcess } from './server-process.ts';

export interface Playground {
  /** The one address a person opens. */
  readonly url: string;
  readonly server: ServerProcess;
  /** Ends the page's server and the playground's server; no port stays open. */
  close(): Promise<void>;
}

export interface PlaygroundOptions {
  /** The folder with `index.html` and `server/main.ts`. */
  readonly folder: string;
  /** The Vite config, or `false` for none. */
  readonly configFile: string | false;
  /** The first port to try for the page. */
  readonly port: number;
  /** Whether another port will do when that one is taken. */
  readonly strictPort: boolean;
}

/** The paths that are the server's; all others are the page's. */
const serverPaths = ['/pubsub', '/trpc', '/__chaos'];

/**
 * Hands a request on as it is. What is on its way is passed at once, and an end at either side is an
 * end at the other: a stream that is cut must look cut to the page.
 */
function proxyTo(port: number): ProxyOptions {
  return {
    target: `http://127.0.0.1:${port}`,
    configure(proxy) {
      proxy.on('proxyRes', (upstream, _request, response) => {
        upstream.once('close', () => {
          if (!upstream.complete) response.destroy();
        });
        response.once('close', () => upstream.destroy());
      });
    },
  };
}

/** Starts the playground's server, then the page with everything it needs on one address. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const port = options.strictPort ? options.port : await freePort(options.port);
  const server = await startServer(join(options.folder, 'server', 'main.ts'), await anyPort());
  // Vite behind our own HTTP server: its own would also take SIGTERM and the end of stdin as orders
  // to leave at once, while the playground's server still runs.
  const http = createServer();
  let vite: ViteDevServer | undefined;
  async function close(): Promise<void> {
    http.close();
    await Promise.all([vite?.close(), server.stop()]);
    http.closeAllConnections();
  }
  try {
    vite = await createViteServer({
      root: options.folder,
      configFile: options.configFile,
      clearScreen: false,
      logLevel: 'warn',
      appType: 'spa',
      server: {
        middlewareMode: { server: http },
        ws: { server: http },
        proxy: Object.fromEntries(serverPaths.map((path) => [path, proxyTo(server.port)])),
      },
    });
    http.on('request', vite.middlewares);
    http.listen(port, '127.0.0.1');
    await once(http, 'listening');
    return { url: `http://localhost:${port}/`, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}
