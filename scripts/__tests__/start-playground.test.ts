import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { anyPort } from '../dev/free-port.ts';
import { startPlayground, type Playground } from '../dev/start-playground.ts';

const folder = join(import.meta.dirname, 'fixtures', 'playground');
let playground: Playground | undefined;
let occupant: Server | undefined;

async function start(port?: number, strictPort = false): Promise<Playground> {
  playground = await startPlayground({
    folder,
    configFile: false,
    port: port ?? (await anyPort()),
    strictPort,
  });
  return playground;
}

async function occupy(): Promise<number> {
  const port = await anyPort();
  occupant = createServer();
  await new Promise<void>((resolve) => occupant?.listen(port, '127.0.0.1', resolve));
  return port;
}

afterEach(async () => {
  await playground?.close();
  occupant?.close();
  playground = undefined;
  occupant = undefined;
});

/** Whether a process of this id still runs. */
function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Reads the next piece of a stream as text. */
async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

async function openStream(url: string): Promise<{
  reader: ReadableStreamDefaultReader<Uint8Array>;
  abort: AbortController;
}> {
  const abort = new AbortController();
  const { body } = await fetch(`${url}pubsub/stream`, { signal: abort.signal });
  if (!body) throw new Error('the answer has no body');
  return { reader: body.getReader(), abort };
}

it('serves the page and the server on one address', async () => {
  const { url } = await start();
  expect(await (await fetch(url)).text()).toContain('<main>page</main>');
  for (const path of ['pubsub/x', 'trpc/x', '__chaos/x']) {
    expect(await (await fetch(url + path)).json()).toMatchObject({ url: `/${path}` });
  }
});

it('passes each piece of a stream on at once', async () => {
  const { url } = await start();
  const { reader, abort } = await openStream(url);
  expect(await next(reader)).toBe('data: first\n\n');
  await fetch(`${url}pubsub/write`);
  expect(await next(reader)).toBe('data: more\n\n');
  abort.abort();
});

it('shows the page a cut as a cut', async () => {
  const { url } = await start();
  const { reader } = await openStream(url);
  await next(reader);
  const cut = expect(reader.read()).rejects.toThrow();
  await fetch(`${url}__chaos/cut`);
  await cut;
});

it('tells the server when the page leaves a stream', async () => {
  const { url } = await start();
  const { reader, abort } = await openStream(url);
  await next(reader);
  abort.abort();
  await expect
    .poll(async () => (await fetch(`${url}pubsub/x`)).json())
    .toMatchObject({ open: 0, closed: 1 });
});

it('takes the next port when one is taken', async () => {
  const port = await occupy();
  const { url } = await start(port);
  expect(Number(new URL(url).port)).toBeGreaterThan(port);
});

it('leaves no server behind when the page cannot have the port that was asked for', async () => {
  const port = await occupy();
  const pidFile = join(mkdtempSync(join(tmpdir(), 'playground-')), 'pid');
  process.env['FIXTURE_PID_FILE'] = pidFile;
  await expect(start(port, true)).rejects.toThrow(String(port));
  delete process.env['FIXTURE_PID_FILE'];
  expect(runs(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
});

it('leaves no process and no open port', async () => {
  const { url, server, close } = await start();
  const { reader } = await openStream(url);
  await next(reader);
  await close();
  playground = undefined;
  expect(runs(server.pid)).toBe(false);
  await expect(fetch(url)).rejects.toThrow();
  await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
});
