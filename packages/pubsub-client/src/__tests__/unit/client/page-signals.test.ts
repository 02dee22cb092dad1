import { afterEach, describe, expect, test, vi } from 'vitest';
import { networkSignals } from '../../../client/page-signals.ts';

afterEach(() => vi.unstubAllGlobals());

/** A page as far as the signals see it. */
function page(onLine: boolean): EventTarget {
  const target = new EventTarget();
  vi.stubGlobal('navigator', { onLine });
  vi.stubGlobal('addEventListener', target.addEventListener.bind(target));
  vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target));
  return target;
}

describe('the network signals of a page', () => {
  test('tell of each change, and after their undo of none', () => {
    const target = page(true);
    const report = vi.fn();
    const undo = networkSignals(report);
    expect(report).not.toHaveBeenCalled();
    target.dispatchEvent(new Event('offline'));
    target.dispatchEvent(new Event('online'));
    undo();
    target.dispatchEvent(new Event('offline'));
    expect(report.mock.calls).toEqual([
      ['offline', true],
      ['offline', false],
    ]);
  });

  test('tell at once of a page that is offline', () => {
    page(false);
    const report = vi.fn();
    networkSignals(report)();
    expect(report.mock.calls).toEqual([['offline', true]]);
  });

  test('tell nothing where there is no page', () => {
    const report = vi.fn();
    networkSignals(report)();
    expect(report).not.toHaveBeenCalled();
  });
});
