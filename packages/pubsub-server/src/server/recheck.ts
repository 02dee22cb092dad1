import { isDeepStrictEqual } from 'node:util';
import type { User } from '@hipponot/pubsub-core';
import type { Authorize } from '../authorize.ts';
import { unavailable } from '../publish.ts';
import { bringBack, endChannel, type Connection, type Hub } from './hub.ts';
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
 * same user on the same channel is asked about once. Where the policy does not answer, the right stays as
 * it was until that happened `limits.failedRechecks` times in a row.
 */
export async function recheckRights(hub: Hub, authorize: Authorize): Promise<void> {
  const questions = questionsOf(hub);
  const ask = async (): Promise<void> => {
    // All of them take from one iterator.
    for (const question of questions) await askAgain(question, authorize, hub);
  };
  await Promise.all(Array.from({ length: questionsAtOnce }, ask));
}

const questionsAtOnce = 16;
// A policy that never answers must not keep the others from being asked.
const answerMs = 10_000;

async function askAgain(
  { user, channel, open }: Question,
  authorize: Authorize,
  { limits }: Hub,
): Promise<void> {
  try {
    await answered(authorize(user, 'subscribe', channel));
    for (const { subscription } of open) subscription.failedRechecks = 0;
  } catch (error) {
    const refusal = refusalOf(error);
    for (const { connection, subscription } of open) {
      if (subscription.closed) continue;
      // Not a no, but no answer.
      if (refusal.retryable && (subscription.failedRechecks += 1) < limits.failedRechecks) continue;
      endChannel(connection, subscription, refusal);
      if (refusal.retryable) bringBack(connection);
    }
  }
}

async function answered(answer: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unavailable('The policy did not answer in time.', undefined)),
      answerMs,
    ).unref();
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is known of one user: the object asked about, and the questions by channel. */
interface Asked {
  readonly user: User | undefined;
  readonly byChannel: Map<string, Question>;
}

function questionsOf({ open }: Hub): IterableIterator<Question> {
  const byId = new Map<string | undefined, Asked[]>();
  const questions = new Set<Question>();
  for (const [connection, { user }] of open) {
    const sameId = byId.get(user?.id) ?? [];
    byId.set(user?.id, sameId);
    let asked = sameId.find((each) => isSame(each.user, user));
    if (!asked) sameId.push((asked = { user, byChannel: new Map() }));
    for (const [channel, subscription] of connection.subscriptions) {
      const question = asked.byChannel.get(channel) ?? { user, channel, open: [] };
      question.open.push({ connection, subscription });
      asked.byChannel.set(channel, question);
      questions.add(question);
    }
  }
  return questions.values();
}

/** Two sessions of one user may have come with different roles, or claims of the app's own. */
function isSame(left: User | undefined, right: User | undefined): boolean {
  try {
    return isDeepStrictEqual(left, right);
  } catch {
    // A getter that throws: asked about on its own.
    return false;
  }
}
