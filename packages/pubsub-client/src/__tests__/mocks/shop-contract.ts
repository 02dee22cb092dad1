import { defineContract, defineEvent } from '@hipponot/pubsub-core';
import { z } from 'zod';

/** The contract the client's tests talk by: a plain channel, a template, all three directions. */
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
      name: 'feedback:sent',
      channel: 'feedback',
      direction: 'CSE',
      payloadSchema: z.object({ stars: z.number() }),
      action: async () => {},
    }),
  ],
});
