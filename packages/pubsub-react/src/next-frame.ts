// One frame request for all stores of the page: two callbacks of one frame would be two commits.
const waiting = new Set<() => void>();
let cancel: (() => void) | undefined;

/** A visible page that got no frame for this long is covered, off screen or stalled. */
const noFrameMs = 250;
/** The step where there are no frames at all: a hidden page, a runtime without `requestAnimationFrame`. */
const timerMs = 16;

/** Calls back at the next animation frame, or by a timer where no frame comes. Returns its undo. */
export function onNextFrame(callback: () => void): () => void {
  waiting.add(callback);
  cancel ??= request();
  return () => {
    waiting.delete(callback);
    if (waiting.size > 0) return;
    cancel?.();
    cancel = undefined;
  };
}

function request(): () => void {
  const hasFrames =
    typeof requestAnimationFrame === 'function' && globalThis.document?.hidden !== true;
  const frame = hasFrames ? requestAnimationFrame(flush) : undefined;
  // Beside the frame too: a page hidden after this line gets none, and the hook would stand still.
  const timer = setTimeout(flush, hasFrames ? noFrameMs : timerMs);
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

function flush(): void {
  cancel?.();
  cancel = undefined;
  // Those added meanwhile wait for the next frame; those undone meanwhile are not called.
  const due = [...waiting];
  for (const callback of due) if (waiting.delete(callback)) callback();
}
