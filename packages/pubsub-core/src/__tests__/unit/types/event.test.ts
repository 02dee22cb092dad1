import { describe, expect, expectTypeOf, it } from 'vitest';
import type { EventEnvelope, EventName } from '../../../types/event.ts';

// The specification's own example test (§6.2).
describe('EventEnvelope', () => {
  it('holds a valid event', () => {
    const event: EventEnvelope<'orders:created'> = {
      id: '123e4567-e89b-12d3-a456-426614174000',
      name: 'orders:created',
      channel: 'orders',
      payload: { orderId: '123', total: 100 },
      timestamp: new Date().toISOString(),
    };
    expect(event.name).toBe('orders:created');
    expect(event.channel).toBe('orders');
    expectTypeOf(event.name).toExtend<EventName>();
  });
});
