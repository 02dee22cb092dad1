import { hydrationTests } from './hydration-tests.tsx';
import { providerTests } from './provider-tests.tsx';
import { channelTests } from './use-channel-tests.tsx';
import { emitTests } from './use-emit-tests.tsx';
import { eventTests } from './use-event-tests.tsx';

/** Every hook on a client of the test's own: the same tests in a simulated DOM and in a real browser. */
export function registerHookTests(): void {
  providerTests();
  channelTests();
  eventTests();
  emitTests();
  hydrationTests();
}
