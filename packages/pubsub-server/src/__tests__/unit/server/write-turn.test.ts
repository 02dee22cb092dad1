import { expect, test } from 'vitest';
import { OutgoingNode, WriteTurn } from '../../../server/write-turn.ts';

const root = (): OutgoingNode => new OutgoingNode(undefined, Buffer.alloc(0));
const [a, b, c] = ['a', 'bb', 'ccc'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

test('streams that were sent the same chunks share one node, in whatever order they diverged', () => {
  const start = root();
  const first = start.append(a);
  expect(start.append(b)).not.toBe(first);
  expect(start.append(c)).not.toBe(first);
  expect(start.append(a)).toBe(first);
  expect(start.append(a).append(b)).toBe(first.append(b));
  expect(first.append(b).merged).toBe(first.append(b).merged);
});

test('merged bytes are the chunks in order; a single chunk is not copied', () => {
  const node = root().append(a).append(b).append(c);
  expect(node.merged.toString()).toBe('abbccc');
  expect(node.totalBytes).toBe(6);
  expect(root().append(c).merged).toBe(c);
});

test('framed bytes are one HTTP chunk', () => {
  expect(root().append(a).append(b).framed.toString()).toBe('3\r\nabb\r\n');
  expect(root().append(Buffer.alloc(300, 'x')).framed.toString()).toBe(
    `12c\r\n${'x'.repeat(300)}\r\n`,
  );
});

test('a long chain is cut into pieces of 64 KiB, or of one larger chunk, and stays shared', () => {
  const [half, more, huge] = [40_000, 30_000, 100_000].map((bytes) => Buffer.alloc(bytes, 'x')) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const start = root();
  const first = start.append(huge);
  expect(first.startsPiece).toBe(false);
  const second = first.append(half);
  expect(second).toMatchObject({ startsPiece: true, totalBytes: 40_000 });
  const third = second.append(more);
  expect(third).toMatchObject({ startsPiece: true, totalBytes: 30_000 });
  expect(third.append(a)).toMatchObject({ startsPiece: false, totalBytes: 30_001 });
  expect(third.merged).toBe(more);
  expect(start.append(huge).append(half).append(more)).toBe(third);
});

test('writers are flushed once at the end of the turn, and the next turn starts anew', async () => {
  const turn = new WriteTurn();
  const flushed: string[] = [];
  const before = turn.root;
  turn.add({ flush: () => flushed.push('one') });
  turn.add({ flush: () => flushed.push('two') });
  await Promise.resolve();
  expect(flushed).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(flushed).toEqual(['one', 'two']);
  expect(turn.root).not.toBe(before);
});
