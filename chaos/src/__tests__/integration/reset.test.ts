import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { reset } from '../../exchange.ts';
import { serve } from '../http.ts';

async function connected(): Promise<{ socket: Socket; errors: unknown[]; closed: Promise<void> }> {
  const socket = connect(await serve(() => {}), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const errors: unknown[] = [];
  socket.on('error', (error) => errors.push(error));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, errors, closed };
}

it.each([
  ['while it connects', (socket: Socket) => !socket.connecting],
  ['once open', (socket: Socket) => socket.connecting],
  ['while it ends', (socket: Socket) => !socket.end().writableEnded],
])('a socket that is reset %s closes without an error of its own', async (when, isOther) => {
  const { socket, errors, closed } = await connected();
  if (when !== 'while it connects') await new Promise((resolve) => socket.once('connect', resolve));
  expect(isOther(socket)).toBe(false);
  reset(socket);
  // A second one, and one of nothing, are harmless.
  reset(socket);
  reset(undefined);
  await closed;
  expect(errors).toEqual([]);
});
