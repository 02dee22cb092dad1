/** How long the connection waits, and for what. All in milliseconds. */
export interface Policy {
  /** The first retry waits up to this long; each failure doubles it. @default 500 */
  readonly baseMs: number;
  /** The most that doubling leads to. @default 30_000 */
  readonly maxMs: number;
  /** A stream this old was healthy: failures before it no longer count. @default 5_000 */
  readonly stableMs: number;
  /** From the attempt to the server's hello. @default 15_000 */
  readonly connectTimeoutMs: number;
}

/** No hint of a server makes a client faster than this, so that `retry: 0` cannot spin. */
export const minDelayMs = 100;
/** No hint of a server makes a client slower than this. */
export const maxHintMs = 300_000;

/** What a server asks for, inside what a client allows. Not a number counts as nothing asked. */
export function clampHint(ms: number | undefined): number {
  return Math.min(Math.max(ms || 0, minDelayMs), maxHintMs);
}

/**
 * The wait before the next attempt: at least what the server asked for, plus full jitter under an
 * exponential cap. Jittered from the first retry, or all clients of a restarted server come at once.
 *
 * @param failures attempts that failed since the last healthy stream, at least 1
 * @param random 0 to 1
 * @param hintMs `Retry-After`, `retry:` or `retryMs`
 */
export function delayBefore(
  failures: number,
  random: number,
  hintMs: number | undefined,
  { baseMs, maxMs }: Policy,
): number {
  return clampHint(hintMs) + random * Math.min(maxMs, baseMs * 2 ** (failures - 1));
}
