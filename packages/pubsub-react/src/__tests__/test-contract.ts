import { defineContract, defineEvent } from '@hipponot/pubsub-core';
import { z } from 'zod';

/** A plain channel, a template, all three directions. */
export const contract = defineContract({
  events: [
    defineEvent({
      name: 'orders:created',
      channel: 'orders',
      direction: 'BOTH',
      payloadSchema: z.object({ orderId: z.string(), total: z.number() }),
      resultSchema: z.object({ success: z.boolean() }),
    }),
    defineEvent({
      name: 'orders:shipped',
      channel: 'orders',
      payloadSchema: z.object({ orderId: z.string() }),
    }),
    defineEvent({
      name: 'chat:said',
      channel: 'chat/:room',
      direction: 'BOTH',
      payloadSchema: z.object({ text: z.string() }),
    }),
    defineEvent({
      name: 'chat:typing',
      channel: 'chat/:room',
      direction: 'CSE',
      payloadSchema: z.object({ since: z.number().default(0) }),
    }),
  ],
});
