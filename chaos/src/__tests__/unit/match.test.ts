import { describe, expect, it } from 'vitest';
import { matchesEvent, matchesRequest } from '../../match.ts';

const request = { method: 'POST', path: '/pubsub/stream?channel=orders' };

describe('a request match', () => {
  it.each([
    {},
    { path: '/pubsub/stream' },
    { path: /channel=orders$/ },
    { path: /^\/pubsub\// },
    { method: 'post' },
    { path: '/pubsub/stream', method: 'POST' },
  ])('takes in %o', (match) => expect(matchesRequest(request, match)).toBe(true));

  it.each([
    { path: '/pubsub' },
    { path: '/pubsub/stream?channel=orders' },
    { path: /^stream/ },
    { method: 'GET' },
    { path: '/pubsub/stream', method: 'GET' },
  ])('leaves out %o', (match) => expect(matchesRequest(request, match)).toBe(false));

  it('takes a preflight only by name', () => {
    const preflight = { ...request, method: 'OPTIONS' };
    expect(matchesRequest(preflight, {})).toBe(false);
    expect(matchesRequest(preflight, { method: 'OPTIONS' })).toBe(true);
  });

  it('gives a global pattern the same answer each time', () => {
    const match = { path: /stream/g };
    expect([1, 2, 3].map(() => matchesRequest(request, match))).toEqual([true, true, true]);
  });
});

describe('an event match', () => {
  const event = { event: 'orders:created', data: '{"orderId":"42"}' };

  it.each([
    {},
    { event: 'orders:created' },
    { event: /^orders:/ },
    { data: '"42"' },
    { data: /\d+/ },
  ])('takes in %o', (match) => expect(matchesEvent(event, match)).toBe(true));

  it.each([
    { event: 'orders' },
    { event: /^chat:/ },
    { data: '43' },
    { event: /orders/, data: /^4/ },
  ])('leaves out %o', (match) => expect(matchesEvent(event, match)).toBe(false));
});
