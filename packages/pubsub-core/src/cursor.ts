/**
 * A position in one channel's log. The offset is that of the last event delivered, 0 before the first;
 * it only grows within an epoch. A new epoch means the log was recreated.
 */
export interface Cursor {
  /** 1 to 64 characters of `A-Z a-z 0-9 _ -`. */
  readonly epoch: string;
  /** A safe integer ≥ 0. */
  readonly offset: number;
}

const cursorText = /^([\w-]{1,64}):(0|[1-9]\d{0,15})$/;

/** `<epoch>:<offset>`, the form on the wire. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}:${cursor.offset}`;
}

/** The cursor a text stands for, or `undefined` if it is none. Never throws. */
export function parseCursor(text: unknown): Cursor | undefined {
  const match = typeof text === 'string' ? cursorText.exec(text) : null;
  if (!match) return undefined;
  const offset = Number(match[2]);
  // An offset past 2^53 could not be compared, so it is no position.
  return Number.isSafeInteger(offset) ? { epoch: match[1] ?? '', offset } : undefined;
}
