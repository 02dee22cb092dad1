import { expect, test } from 'vitest';
import { memory } from '../../../in-memory/memory.ts';

test('delivers in one array what was published in one turn, before the publisher goes on', async () => {
  const adapter = memory();
  await adapter.start();
  const seen: number[][] = [];
  await adapter.subscribe('orders', (entries) => seen.push(entries.map((entry) => entry.cursor.offset)));
  const receipts = await Promise.all(['a', 'b', 'c'].map((id) => adapter.publish('orders', { id, json: '{}' })));
  expect(receipts.map((receipt) => receipt.cursor.offset)).toEqual([1, 2, 3]);
  expect(seen).toEqual([[1, 2, 3]]);
  await adapter.stop();
});
