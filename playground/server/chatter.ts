import type { OrderEvent } from '../orders.ts';
import type { Room } from '../contract.ts';

export interface Said {
  readonly room: Room;
  readonly from: string;
  readonly text: string;
}

/** The word that this house refuses: somebody has to be told no, to see what a refusal looks like. */
const refusedWord = 'decaf';

/** Why a message is not taken, or `undefined` if it is. */
export function whyNotSaid(
  from: string,
  text: string,
  user: string | undefined,
): string | undefined {
  if (from.toLowerCase() !== user) return `You are not ${from}.`;
  if (new RegExp(`\\b${refusedWord}\\b`, 'i').test(text))
    return `This house serves no ${refusedWord}.`;
  return undefined;
}

/** What was said before the page was opened. */
export const saidBefore: readonly Said[] = [
  { room: 'kitchen', from: 'Mia', text: 'Morning! The croissants are in.' },
  { room: 'kitchen', from: 'Noor', text: 'Oat milk is down to two cartons, I have ordered more.' },
  { room: 'counter', from: 'Noor', text: 'Table 4 asked for the bill.' },
];

const atTheDoor = ['is at the door.', 'is out with me.', 'is on its way.', 'went with the bike.'];

/** What people say about what happens to the orders: now and then, not always. */
export function remarkOn(
  event: Pick<OrderEvent, 'name' | 'payload'>,
  random: () => number,
): Said | undefined {
  const { orderId } = event.payload;
  if (event.name === 'orders:shipped' && random() < 0.4) {
    const text = `#${orderId} ${atTheDoor[Math.floor(random() * atTheDoor.length)] ?? atTheDoor[0]}`;
    return { room: random() < 0.5 ? 'kitchen' : 'counter', from: 'Mia', text };
  }
  if (event.name === 'orders:cancelled' && random() < 0.8) {
    return { room: 'kitchen', from: 'Noor', text: `Leave #${orderId}, they changed their mind.` };
  }
  return undefined;
}
