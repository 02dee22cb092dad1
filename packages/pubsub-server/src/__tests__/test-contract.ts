import { defineContract, defineEvent } from '@hipponot/pubsub-core';
import { z } from 'zod';

/** The contract that tests of every package talk by: a plain channel, a template, all three directions. */
export const contract = defineContract({
  events: [
    defineEvent({
      name: 'orders:created',
      channel: 'orders',
      direction: 'BOTH',
      payloadSchema: z.object({ orderId: z.string(), total: z.number() }),
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
      payloadSchema: z.object({ text: z.string().max(200) }),
    }),
  ],
});
