import { PubSubError } from '@hipponot/pubsub-core';

/** Where an adapter stands between `start` and `stop`. */
type LifecycleState = 'idle' | 'starting' | 'started' | 'stopping' | 'stopped';

/** The lifecycle law of `PubSubAdapter`, once for every adapter. */
export interface Lifecycle {
  readonly state: LifecycleState;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Runs the work: at once when started, after the start when starting; else rejects `adapter_state`. */
  run<Result>(operation: string, work: () => Result | Promise<Result>): Promise<Result>;
}

/**
 * `open` and `close` never overlap: a start during a stop follows it, and a stop during a start too.
 * A failed `open` leaves the adapter not started, so that `start` may be tried again.
 */
export function createLifecycle(
  name: string,
  open: () => void | Promise<void>,
  close: () => void | Promise<void>,
): Lifecycle {
  let state: LifecycleState = 'idle';
  let goal: 'up' | 'down' = 'down';
  let opened = false;
  let reached: Promise<void> = Promise.resolve();
  let queue: Promise<void> = reached;
  // Only the newest start or stop decides the state: an older one may still be on its way.
  let newest = 0;
  // A list instead of promises on the start: what waited runs before anything that is called after it.
  let waiting: (() => void)[] = [];

  function enqueue(step: (turn: number) => Promise<void>): Promise<void> {
    newest += 1;
    const turn = newest;
    reached = queue.then(() => step(turn));
    queue = reached.catch(() => {});
    return reached;
  }

  function releaseWaiting(): void {
    const released = waiting;
    waiting = [];
    for (const resume of released) resume();
  }

  async function goUp(turn: number): Promise<void> {
    if (turn !== newest) return;
    state = 'starting';
    try {
      await open();
      opened = true;
    } catch (cause) {
      if (turn === newest) {
        state = 'idle';
        goal = 'down';
        // A later stop must not answer with this failure.
        reached = Promise.resolve();
        releaseWaiting();
      }
      throw cause;
    }
    if (turn !== newest) return;
    state = 'started';
    releaseWaiting();
  }

  async function goDown(): Promise<void> {
    try {
      if (opened) await close();
    } finally {
      opened = false;
      state = 'stopped';
    }
  }

  function refuse(operation: string): PubSubError {
    const now = state === 'idle' ? 'not started' : state;
    return new PubSubError(
      'adapter_state',
      `The ${name} adapter is ${now}: \`${operation}\` needs a started one. Await \`start()\` first.`,
      { retryable: true },
    );
  }

  function run<Result>(operation: string, work: () => Result | Promise<Result>): Promise<Result> {
    // The work starts within the call, so that the order of calls is the order of the log.
    if (state === 'started') return attempt(work);
    if (state !== 'starting') return Promise.reject(refuse(operation));
    return new Promise((resolve) => {
      waiting.push(() =>
        resolve(state === 'started' ? attempt(work) : Promise.reject(refuse(operation))),
      );
    });
  }

  return {
    get state() {
      return state;
    },
    start() {
      if (goal === 'up') return reached;
      goal = 'up';
      if (state !== 'stopping') state = 'starting';
      return enqueue(goUp);
    },
    stop() {
      if (goal === 'down') return reached;
      goal = 'down';
      state = 'stopping';
      releaseWaiting();
      return enqueue(goDown);
    },
    run,
  };
}

function attempt<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}
