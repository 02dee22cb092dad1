import { defineContract, defineEvent } from '@hipponot/pubsub-core';
import { z } from 'zod';

const orderId = z.string().regex(/^(\d{4}|[A-Z]-\d{1,3})$/, 'an order id is "1042" or "A-7"');

export const orderLine = z.object({
  item: z.string().min(1).max(40),
  quantity: z.int().min(1).max(50),
});

const newOrder = z.object({
  orderId,
  lines: z.array(orderLine).min(1).max(8),
  /** In euros. */
  total: z.number().min(0).max(10_000),
  placedAt: z.iso.datetime(),
});

/** From `created` on, an order takes one step at a time; each is an event of its own. */
const step = z.object({ orderId });

export const contract = defineContract({
  events: [
    defineEvent({
      name: 'orders:created',
      channel: 'orders',
      direction: 'BOTH',
      version: 1,
      description: 'Somebody ordered: at the counter, in the kitchen, or on the web.',
      payloadSchema: newOrder,
      resultSchema: z.object({ ahead: z.int() }),
    }),
    defineEvent({
      name: 'orders:paid',
      channel: 'orders',
      direction: 'BOTH',
      payloadSchema: step,
    }),
    defineEvent({
      name: 'orders:packed',
      channel: 'orders',
      direction: 'BOTH',
      payloadSchema: step,
    }),
    defineEvent({
      name: 'orders:shipped',
      channel: 'orders',
      direction: 'BOTH',
      payloadSchema: step,
    }),
    defineEvent({
      name: 'orders:cancelled',
      channel: 'orders',
      direction: 'BOTH',
      payloadSchema: step.extend({ reason: z.string().min(1).max(80) }),
    }),
    defineEvent({
      name: 'chat:said',
      channel: 'chat/:room',
      direction: 'BOTH',
      payloadSchema: z.object({
        from: z.string().min(1).max(20),
        text: z.string().trim().min(1).max(280),
      }),
    }),
    defineEvent({
      name: 'house:changed',
      channel: 'house',
      direction: 'SSE',
      description: 'How the house stands now. The last one holds.',
      payloadSchema: z.object({
        /** Whether it plays by itself. */
        running: z.boolean(),
        /** Whether the connection of B is cut. */
        cut: z.boolean(),
      }),
    }),
  ],
});

export const rooms = ['kitchen', 'counter', 'delivery'] as const;
export type Room = (typeof rooms)[number];
