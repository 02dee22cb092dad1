import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Settles when the process has ended, with what to tell a person about it. */
  readonly ended: Promise<string>;
  /** Ends it: by SIGTERM, and after 3 seconds by SIGKILL. */
  stop(): Promise<void>;
}

const exitWithParent = fileURLToPath(new URL('exit-with-parent.ts', import.meta.url));

/** Starts the playground's server as a process of its own, and waits until its port answers. */
export async function startServer(file: string, port: number): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ['--conditions=@hipponot/source', '--import', exitWithParent, file],
    {
      env: { ...process.env, PORT: String(port), HOST: '127.0.0.1' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A group of its own: Ctrl-C goes to the parent alone, which then ends the two in order.
      detached: true,
    },
  );
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `by ${signal}` : `with code ${code}`));
  });
  const server: ServerProcess = {
    pid: child.pid ?? 0,
    port,
    ended,
    stop: () => stop(child, ended),
  };
  if (await Promise.race([ended, answers(port, child)])) {
    throw new Error(`The playground's server ended ${await ended} before it listened on ${port}.`);
  }
  return server;
}

/** Waits until something accepts connections on the port; a minute, or until the process ends. */
async function answers(port: number, child: ChildProcess): Promise<undefined> {
  for (let tries = 0; tries < 600 && child.exitCode === null; tries += 1) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (connected) return undefined;
    await delay(100);
  }
  child.kill('SIGKILL');
  throw new Error(`The playground's server did not listen on ${port} within a minute.`);
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(force);
}
