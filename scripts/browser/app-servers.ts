import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startFaultProxy, type FaultProxy } from '../../chaos/src/index.ts';

export interface AppServerOptions {
  readonly heartbeatMs?: number;
  /** How many events the channel `orders` keeps. @default 10_000 */
  readonly maxEvents?: number;
  readonly port?: number;
}

export interface AppServerRequest {
  readonly id: number;
  readonly channel: string;
  readonly texts: readonly string[];
}

export interface AppServerReply {
  readonly id: number;
  readonly value?: number;
  readonly error?: string;
}

interface AppServer {
  readonly options: AppServerOptions;
  readonly proxy: FaultProxy;
  child: ChildProcess;
  port: number;
}

const program = join(import.meta.dirname, 'app-server.ts');
const servers = new Map<string, AppServer>();
let requests = 0;

/** Starts a server process and a fault proxy in front of it; answers the proxy's address. */
export async function startApp(options: AppServerOptions): Promise<{ app: string; url: string }> {
  const { child, port } = await spawnServer(options);
  const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port } });
  const app = String(proxy.port);
  servers.set(app, { options, proxy, child, port });
  return { app, url: proxy.url };
}

/** Publishes one event per text; answers when the adapter holds them all. */
export async function publish(
  app: string,
  channel: string,
  texts: readonly string[],
): Promise<void> {
  const { child } = running(app);
  requests += 1;
  const id = requests;
  const answer = new Promise<AppServerReply>((resolve) => {
    const listen = (message: AppServerReply): void => {
      if (message.id !== id) return;
      child.off('message', listen);
      resolve(message);
    };
    child.on('message', listen);
  });
  child.send({ id, channel, texts } satisfies AppServerRequest);
  const { error } = await answer;
  if (error) throw new Error(error);
}

/** Kills the server outright (SIGKILL): its memory and its sockets are gone. */
export async function killApp(app: string): Promise<void> {
  const { child } = running(app);
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Starts it again on the same port, with nothing in memory. */
export async function restartApp(app: string): Promise<void> {
  const server = running(app);
  const { child } = await spawnServer({ ...server.options, port: server.port });
  server.child = child;
}

/** Calls one method of the app's fault proxy: `cut`, `cutInsideEvent`, `respond`, `refuse`, `heal`, … */
export function fault(app: string, method: FaultMethod, args: readonly unknown[]): unknown {
  const { proxy } = running(app);
  const call = proxy[method] as (...args: readonly unknown[]) => unknown;
  return call(...args) ?? null;
}

export type FaultMethod =
  | 'cut'
  | 'cutAfterBytes'
  | 'cutInsideEvent'
  | 'cutBeforeFirstEvent'
  | 'refuse'
  | 'respond'
  | 'stall'
  | 'latency'
  | 'slice'
  | 'heal';

/** Requests that the app's proxy saw for a path since it started, preflights aside. */
export function requestsTo(app: string, path: string): number {
  return running(app).proxy.log.filter(
    ({ kind, detail, path: asked }) =>
      kind === 'request' && detail !== 'OPTIONS' && asked.includes(path),
  ).length;
}

export async function stopApp(app: string): Promise<void> {
  const { proxy } = running(app);
  await killApp(app);
  await proxy.close();
  servers.delete(app);
}

/** Ends whatever a failed test left running. */
export async function stopAllApps(): Promise<void> {
  await Promise.all([...servers.keys()].map(stopApp));
}

function running(app: string): AppServer {
  const server = servers.get(app);
  if (!server) throw new Error(`No app "${app}" is running.`);
  return server;
}

async function spawnServer(
  options: AppServerOptions,
): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(program, {
    execArgv: ['--conditions=@hipponot/source'],
    env: { ...process.env, APP_SERVER: JSON.stringify(options) },
  });
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`The test server ended with code ${code}.`)),
    ),
  ])) as [AppServerReply];
  return { child, port: ready.value ?? 0 };
}
