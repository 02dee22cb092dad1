import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { anyPort } from '../dev/free-port.ts';

const script = join(import.meta.dirname, '..', 'dev.ts');
const folder = join(import.meta.dirname, 'fixtures', 'playground');
let child: ChildProcess | undefined;

interface Started {
  readonly url: string;
  readonly server: { readonly pid: number; readonly port: number };
}

async function start(): Promise<Started & { child: ChildProcess; output: () => string }> {
  const started = fork(script, [folder], {
    env: { ...process.env, PORT: String(await anyPort()) },
    execArgv: ['--conditions=@hipponot/source'],
    silent: true,
  });
  child = started;
  let output = '';
  started.stdout?.on('data', (text: Buffer) => (output += String(text)));
  const [message] = (await once(started, 'message')) as [Started];
  return { ...message, child: started, output: () => output };
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

afterEach(() => {
  child?.kill('SIGKILL');
  child = undefined;
});

it('prints what is installed, and one address that answers', async () => {
  const { url, child: started, output } = await start();
  expect(await (await fetch(url)).text()).toContain('<main>page</main>');
  started.kill('SIGINT');
  await once(started, 'exit');
  expect(output()).toContain('Installed: ');
  expect(output().match(/https?:\/\/\S+/g)).toEqual([url]);
});

it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing after %s', async (signal) => {
  const { url, server, child: started } = await start();
  const stream = await fetch(`${url}pubsub/stream`);
  started.kill(signal);
  expect(await once(started, 'exit')).toEqual([0, null]);
  expect(runs(server.pid)).toBe(false);
  await expect(fetch(url)).rejects.toThrow();
  await expect(stream.text()).rejects.toThrow();
});

it('leaves no server when it is killed outright', async () => {
  const { server, child: started } = await start();
  started.kill('SIGKILL');
  await once(started, 'exit');
  // By its port: who reaps an orphan, and when, is the system's affair.
  const answers = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${server.port}/`).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 10_000 }).toBe(false);
});

it('ends, and says so, when the server ends', async () => {
  const { server, child: started } = await start();
  process.kill(server.pid, 'SIGKILL');
  expect(await once(started, 'exit')).toEqual([1, null]);
});
