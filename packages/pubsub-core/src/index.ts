export type * from './types/index.ts';
export type * from './adapters/index.ts';
export type { StandardSchemaV1 } from '@standard-schema/spec';
export { defineEvent, type EventInput } from './define-event.ts';
export { defineContract } from './define-contract.ts';
export {
  assertAddress,
  familyOf,
  matchTemplate,
  maxNameBytes,
  quote,
  whyNotAddress,
  whyNotEventName,
  whyNotTemplate,
} from './channel.ts';
export { formatCursor, parseCursor, type Cursor } from './cursor.ts';
export { errorCodes, type CodeRow, type ErrorCode } from './error-codes.ts';
export {
  PubSubError,
  type ErrorBody,
  type ErrorIssue,
  type PubSubErrorOptions,
} from './pubsub-error.ts';
export * from './wire/frames.ts';
export { decodeVector, encodeVector } from './wire/position-vector.ts';
