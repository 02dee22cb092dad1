import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCursor } from '../../../cursor.ts';
import { decodeFrame, encodeControl, encodeEvent } from '../../../wire/frames.ts';

const badFrame = expect.objectContaining({
  name: 'PubSubError',
  code: 'bad_frame',
  retryable: true,
});

/** The data of a frame's text, as an SSE parser hands it on. */
function dataOf(frame: string): string {
  const [, data] = /^(?:event: \w+\n)?data: (.*)\n\n$/.exec(frame) ?? [];
  if (data === undefined) throw new Error(`not one frame on one line: ${frame}`);
  return data;
}

describe('data frames', () => {
  test('carry any JSON payload and any cursor, on one line', () => {
    const cursors = fc.record({
      epoch: fc.stringMatching(/^[\w-]{1,64}$/),
      offset: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(cursors, fc.jsonValue(), fc.string({ unit: 'binary' }), (cursor, payload, by) => {
        const json = JSON.stringify({ id: 'i', name: 'a:b', channel: 'a', payload, meta: { by } });
        const frame = encodeEvent(formatCursor(cursor), json);
        const decoded = decodeFrame(undefined, dataOf(frame));
        expect(decoded).toEqual({ type: 'event', cursor, envelope: JSON.parse(json) });
      }),
    );
  });

  test.each([undefined, '', 'message'])('have the event type %j', (type) => {
    const data = dataOf(encodeEvent('e:1', '{"id":"i","name":"a:b","channel":"a","payload":1}'));
    expect(decodeFrame(type, data)).toMatchObject({
      type: 'event',
      cursor: { epoch: 'e', offset: 1 },
    });
  });

  test.each([
    ['no JSON', 'hello'],
    ['cut in the middle', '{"cursor":"e:1","id":"i","na'],
    ['empty', ''],
    ['null', 'null'],
    ['a number', '1'],
    ['an array', '[{"cursor":"e:1"}]'],
    ['without a cursor', '{"id":"i","name":"a:b","channel":"a"}'],
    ['with a cursor that is none', '{"cursor":"e:-1","id":"i","name":"a:b","channel":"a"}'],
    [
      'with a cursor past 2^53',
      '{"cursor":"e:9007199254740992","id":"i","name":"a:b","channel":"a"}',
    ],
    [
      'with a cursor as an object',
      '{"cursor":{"epoch":"e","offset":1},"id":"i","name":"a:b","channel":"a"}',
    ],
    ['without an id', '{"cursor":"e:1","name":"a:b","channel":"a"}'],
    ['with a number for a name', '{"cursor":"e:1","id":"i","name":1,"channel":"a"}'],
    ['without a channel', '{"cursor":"e:1","id":"i","name":"a:b"}'],
    [
      'that inherits its fields',
      '{"__proto__":{"cursor":"e:1","id":"i","name":"a:b","channel":"a"}}',
    ],
  ])('%s are bad frames', (_what, data) => {
    expect(() => decodeFrame(undefined, data)).toThrow(badFrame);
  });

  test('with the key __proto__ pollute nothing', () => {
    const data =
      '{"cursor":"e:1","id":"i","name":"a:b","channel":"a","__proto__":{"evil":1},"payload":{"__proto__":{"evil":1},"constructor":{"prototype":{"evil":1}}}}';
    const frame = decodeFrame(undefined, data);
    expect(({} as { evil?: number }).evil).toBeUndefined();
    expect(frame?.type === 'event' && 'evil' in frame.envelope).toBe(false);
    expect(Object.getPrototypeOf(frame?.type === 'event' ? frame.envelope : null)).toBe(
      Object.prototype,
    );
  });
});

describe('control frames', () => {
  const bodies: Record<string, Record<string, unknown>> = {
    hello: { v: 1, streamId: 's', heartbeatMs: 15_000 },
    attached: { channel: 'a', outcome: 'fresh', from: 'e:0' },
    live: { channel: 'a', replayed: 0, to: 'e:0' },
    gap: { channel: 'a', outcome: 'gap', from: 'e:0', to: 'e:5' },
    denied: { channel: 'a', code: 'forbidden' },
    revoked: { channel: 'a', code: 'forbidden' },
    drain: { retryMs: 0 },
  };
  const hostile = [undefined, null, true, [], {}, -1, 'e:01', '1', NaN];

  test.each(Object.keys(bodies))('%s needs each of its fields, of its kind', (type) => {
    const body = bodies[type] ?? {};
    expect(decodeFrame(type, JSON.stringify(body))).toEqual({ ...body, type });
    for (const key of Object.keys(body)) {
      const legal =
        typeof body[key] === 'string' && !['outcome', 'from', 'to'].includes(key)
          ? ['e:01', '1']
          : [];
      for (const value of hostile.filter((each) => !legal.includes(each as string))) {
        const data = JSON.stringify({ ...body, [key]: value });
        expect(() => decodeFrame(type, data), data).toThrow(badFrame);
        expect(() => decodeFrame(type, data)).toThrow(key);
      }
    }
  });

  test.each([...Object.keys(bodies), 'heartbeat'])('%s that is no object is malformed', (type) => {
    for (const data of ['', 'null', '7', '"text"', '[]', '{"a":', 'undefined']) {
      expect(() => decodeFrame(type, data), data).toThrow(badFrame);
    }
  });

  test.each([
    ['hello', { v: 1, streamId: 's', heartbeatMs: 1, expiresInMs: 'soon' }, 'expiresInMs'],
    ['attached', { channel: 'a', outcome: 'fresh', from: 'e:0', top: 'e' }, 'top'],
    ['gap', { channel: 'a', outcome: 'recovered', from: 'e:0', to: 'e:5' }, 'outcome'],
    ['gap', { channel: 'a', outcome: 'fresh', from: 'e:0', to: 'e:5' }, 'outcome'],
    ['heartbeat', { positions: { a: 'e:1', b: 'garbage' } }, 'positions'],
    ['heartbeat', { positions: ['e:1'] }, 'positions'],
    ['heartbeat', { positions: null }, 'positions'],
  ])('%s with a wrong optional or special field is malformed: %j', (type, body, field) => {
    expect(() => decodeFrame(type, JSON.stringify(body))).toThrow(badFrame);
    expect(() => decodeFrame(type, JSON.stringify(body))).toThrow(field);
  });

  test('with a number that JSON reads as Infinity are malformed', () => {
    expect(() => decodeFrame('drain', '{"retryMs":1e400}')).toThrow(badFrame);
  });

  test('of a type that this version does not know are passed by', () => {
    for (const type of [
      'presence',
      'Hello',
      'error',
      'open',
      '__proto__',
      'constructor',
      'toString',
      ' hello',
    ]) {
      expect(decodeFrame(type, 'anything at all')).toBeUndefined();
    }
  });

  test('keep fields that this version does not know, but never another type', () => {
    const data = '{"retryMs":5,"reason":"deploy","positions":"later","type":"hello"}';
    expect(decodeFrame('drain', data)).toEqual({
      type: 'drain',
      retryMs: 5,
      reason: 'deploy',
      positions: 'later',
    });
  });

  test('with __proto__ as a key or a channel pollute nothing', () => {
    const frame = decodeFrame(
      'heartbeat',
      '{"__proto__":{"evil":1},"positions":{"__proto__":"e:1","a":"e:2"}}',
    );
    expect(({} as { evil?: number }).evil).toBeUndefined();
    expect(frame?.type === 'heartbeat' && Object.entries(frame.positions ?? {})).toEqual([
      ['__proto__', 'e:1'],
      ['a', 'e:2'],
    ]);
  });

  test('are one line, whatever their texts hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const body = { channel: 'a', code: 'forbidden', message, retryable: false };
        const decoded = decodeFrame('denied', dataOf(encodeControl('denied', body)));
        expect(decoded).toEqual({ type: 'denied', ...JSON.parse(JSON.stringify(body)) });
      }),
    );
  });

  test('and anything else that comes never throw other than bad_frame', () => {
    const types = fc.constantFrom(
      undefined,
      '',
      'message',
      'presence',
      ...Object.keys(bodies),
      'heartbeat',
    );
    fc.assert(
      fc.property(types, fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (type, data) => {
        try {
          decodeFrame(type, data);
        } catch (error) {
          expect(error).toEqual(badFrame);
        }
      }),
    );
  });
});
