import type { User } from '@hipponot/pubsub-core';
import type { Authorize } from '../authorize.ts';
import { endChannel, type Connection, type Hub } from './hub.ts';
import { refusalOf } from './open-channel.ts';
import type { Subscription } from './subscription.ts';

/** One question for all the streams it decides about. */
interface Question {
  readonly user: User | undefined;
  readonly channel: string;
  readonly open: { readonly connection: Connection; readonly subscription: Subscription }[];
}

/**
 * Asks again, for every open channel, whether its user may still have it, and ends those who may not. The
 * same user on the same channel is asked about once. Never rejects.
 */
export async function recheckRights(hub: Hub, authorize: Authorize): Promise<void> {
  const questions = questionsOf(hub);
  const ask = async (): Promise<void> => {
    // All of them take from one iterator.
    for (const question of questions) await askAgain(question, authorize);
  };
  await Promise.all(Array.from({ length: questionsAtOnce }, ask));
}

const questionsAtOnce = 16;

async function askAgain({ user, channel, open }: Question, authorize: Authorize): Promise<void> {
  try {
    await authorize(user, 'subscribe', channel);
  } catch (error) {
    const refusal = refusalOf(error);
    for (const { connection, subscription } of open) endChannel(connection, subscription, refusal);
  }
}

function questionsOf({ open }: Hub): IterableIterator<Question> {
  const questions = new Map<string, Question>();
  for (const [connection, { user }] of open) {
    // Two sessions of one user may have come with different roles.
    const who = JSON.stringify(user) ?? '';
    for (const [channel, subscription] of connection.subscriptions) {
      const key = `${channel} ${who}`;
      const question = questions.get(key) ?? { user, channel, open: [] };
      question.open.push({ connection, subscription });
      questions.set(key, question);
    }
  }
  return questions.values();
}
