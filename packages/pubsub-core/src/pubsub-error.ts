import type { ErrorCode } from './error-codes.ts';

/** What a schema or parser found wrong, and where. */
export interface ErrorIssue {
  readonly message: string;
  /** Keys and indexes from the root, e.g. `['payload', 'items', 0, 'total']`. */
  readonly path: readonly (string | number)[];
}

/** The JSON body of every error answer. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly path?: readonly (string | number)[];
  readonly issues?: readonly ErrorIssue[];
  /** Milliseconds to wait before the next try; also sent as `Retry-After`, in seconds. */
  readonly retryAfterMs?: number;
}

/** The optional parts of a {@link PubSubError}. */
export interface PubSubErrorOptions {
  readonly cause?: unknown;
  /** @default false */
  readonly retryable?: boolean;
  readonly path?: readonly (string | number)[] | undefined;
  readonly issues?: readonly ErrorIssue[] | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The HTTP status it came with, if it came over HTTP. */
  readonly status?: number | undefined;
}

/**
 * The one error class of the product. `code` is stable (see the table in PROTOCOL.md); `message` says
 * what happened, where, and what to do.
 */
export class PubSubError extends Error {
  override readonly name: string = 'PubSubError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly path: readonly (string | number)[] | undefined;
  readonly issues: readonly ErrorIssue[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;

  constructor(code: ErrorCode, message: string, options: PubSubErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.path = options.path;
    this.issues = options.issues;
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
  }
}
