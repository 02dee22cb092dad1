import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLiveServer, type LiveServer } from '../mocks/live-server.ts';

const script = fileURLToPath(new URL('../mocks/close-and-exit.ts', import.meta.url));

let live: LiveServer;
let blackHole: Server;

beforeAll(async () => {
  live = await startLiveServer();
  blackHole = createServer(() => {});
  await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await live.stop();
  await new Promise((resolve) => blackHole.close(resolve));
});

/** Runs a client in a process of its own until that ends by itself. */
function run(url: string, state: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--conditions=@hipponot/source', '--no-warnings', script, url, state],
      {
        timeout: 20_000,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let output = '';
    for (const pipe of [child.stdout, child.stderr])
      pipe.on('data', (data: Buffer) => (output += data.toString()));
    child.on('close', (code) => resolve({ code, output: output.trim() }));
  });
}

describe('a process whose client was closed ends by itself', () => {
  test.each(['connected', 'in the grace delay', 'emitting'])(
    '%s',
    { timeout: 30_000 },
    async (state) => {
      expect(await run(live.url, state)).toEqual({ code: 0, output: 'closed' });
    },
  );

  test('connecting to a server that never answers', { timeout: 30_000 }, async () => {
    const { port } = blackHole.address() as AddressInfo;
    expect(await run(`http://127.0.0.1:${port}/pubsub`, 'connecting')).toEqual({
      code: 0,
      output: 'closed',
    });
  });

  test('waiting to try a server again that is not there', { timeout: 30_000 }, async () => {
    expect(await run('http://127.0.0.1:1/pubsub', 'waiting')).toEqual({
      code: 0,
      output: 'closed',
    });
  });
});
