import { act, cleanup } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';

/** Frames and timers by hand for the tests of the enclosing `describe`, and no trace of one in the next. */
export function controlFrames(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['requestAnimationFrame', 'cancelAnimationFrame', 'setTimeout', 'clearTimeout'],
    });
  });
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}

/** Lets one animation frame pass, and React commit what it brought. */
export function nextFrame(): void {
  act(() => {
    vi.advanceTimersToNextFrame();
  });
}

/** Lets every timer run out, and React commit what it brought. */
export function afterTimers(): void {
  act(() => {
    vi.runAllTimers();
  });
}

/** Lets React commit whatever it has scheduled by itself, with no frame and no `act` in between. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}
