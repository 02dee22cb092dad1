import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCursor, type Cursor } from '../../../cursor.ts';
import {
  decodeFrame,
  encodeControl,
  encodeEvent,
  type ControlFrame,
  type ControlType,
} from '../../../wire/frames.ts';

// PROTOCOL.md cites the file: a client in another language tests itself against it.
const golden = readFileSync(new URL('golden-frames.txt', import.meta.url), 'utf8');

const control: readonly ControlFrame[] = [
  {
    type: 'hello',
    v: 1,
    streamId: 'q0f3Zk3v9qLmT2aBw8XyNg',
    serverTime: '2026-11-23T10:00:00.000Z',
    heartbeatMs: 15_000,
    expiresInMs: 3_600_000,
    limits: { channels: 256, eventBytes: 65_536 },
    emitWindowMs: 86_400_000,
  },
  {
    type: 'attached',
    channel: 'orders',
    outcome: 'gap',
    from: 'Zk3v9qLmT2aB:40',
    reason: 'trimmed',
  },
  {
    type: 'attached',
    channel: 'chat/42',
    outcome: 'fresh',
    from: 'b_-7qLmT2aBx:0',
    top: 'b_-7qLmT2aBx:2',
  },
  { type: 'live', channel: 'orders', replayed: 2, to: 'Zk3v9qLmT2aB:42' },
  {
    type: 'gap',
    channel: 'orders',
    outcome: 'reset',
    from: 'Zk3v9qLmT2aB:42',
    to: 'nQ5cUe7RmZ0k:3',
    reason: 'the log was recreated',
  },
  {
    type: 'denied',
    channel: 'admin',
    code: 'forbidden',
    message: 'This user may not subscribe to "admin".',
    retryable: false,
  },
  {
    type: 'revoked',
    channel: 'orders/7',
    code: 'forbidden',
    message: 'The right was withdrawn.',
    retryable: false,
  },
  { type: 'drain', retryMs: 1250, reason: 'deploy' },
  {
    type: 'heartbeat',
    positions: { orders: 'Zk3v9qLmT2aB:42', 'chat/42': 'b_-7qLmT2aBx:9007199254740991' },
  },
  { type: 'heartbeat' },
];

const envelope = {
  id: '0b8f3c5e-7d0a-4f8e-9a53-0c7a1f1f3e11',
  name: 'orders:created',
  channel: 'orders',
  payload: { orderId: '42', note: 'two\nlines, “quotes” and 😀' },
  timestamp: '2026-11-23T10:00:00.000Z',
  meta: { by: 'u1' },
} as const;

/** The few rules of SSE that these frames need: fields line by line, a blank line ends a message. */
function messages(text: string): { type: string | undefined; data: string }[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const fields = new Map(
        block
          .split('\n')
          .map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
      );
      return { type: fields.get('event'), data: fields.get('data') ?? '' };
    });
}

describe('golden frames', () => {
  test('are what the encoders write, byte for byte', () => {
    const written = control.map(({ type, ...body }) => encodeControl(type, body as never));
    written.push(encodeEvent('Zk3v9qLmT2aB:42', JSON.stringify(envelope)));
    expect(written.join('')).toBe(golden);
  });

  test('are what the decoder reads', () => {
    const cursor: Cursor | undefined = parseCursor('Zk3v9qLmT2aB:42');
    const read = messages(golden).map(({ type, data }) => decodeFrame(type, data));
    expect(read).toEqual([...control, { type: 'event', cursor, envelope }]);
  });

  test('hold each type of control frame', () => {
    const all = {
      hello: 0,
      attached: 0,
      live: 0,
      gap: 0,
      denied: 0,
      revoked: 0,
      drain: 0,
      heartbeat: 0,
    } satisfies Record<ControlType, number>;
    expect(new Set(control.map((frame) => frame.type))).toEqual(new Set(Object.keys(all)));
  });

  test('carry no id, and no event type that EventSource keeps for itself', () => {
    for (const line of golden.split('\n')) {
      expect(line).toMatch(/^(|data: .*|event: (?!error$|open$|message$)[a-z]+)$/);
    }
  });
});
