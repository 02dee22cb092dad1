import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from '../../../in-memory/ring.ts';

test('behaves as an array that is pushed to and cut at its start', () => {
  const move = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ drop: fc.integer({ min: -3, max: 60 }) }),
  );
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const ring = new Ring<number>();
      let list: number[] = [];
      let next = 0;
      for (const each of moves) {
        if ('push' in each) {
          for (let count = 0; count < each.push; count += 1) {
            ring.push(next);
            list.push(next);
            next += 1;
          }
        } else {
          ring.dropFirst(each.drop);
          list = list.slice(Math.max(0, each.drop));
        }
        expect(ring.length).toBe(list.length);
        expect(ring.slice(0, Infinity)).toEqual(list);
        expect(ring.slice(2, 3)).toEqual(list.slice(2, 5));
        expect([ring.at(-1), ring.at(0), ring.at(list.length - 1), ring.at(list.length)]).toEqual([
          undefined,
          list[0],
          list.at(-1),
          undefined,
        ]);
      }
    }),
  );
});
