import { errorCodes, PubSubError, type ErrorCode } from '@hipponot/pubsub-core';
import { expect, test } from 'vitest';
import { decideRetry, type Verdict } from '../../../sse/retry-decision.ts';

// For every code there is: a new one makes the compiler ask what the connection does about it.
const verdicts: Record<ErrorCode, Verdict> = {
  unauthenticated: 'refresh',
  bad_request: 'stop',
  bad_cursor: 'stop',
  bad_channel: 'stop',
  too_many_channels: 'stop',
  forbidden: 'stop',
  not_found: 'stop',
  method_not_allowed: 'stop',
  body_too_large: 'stop',
  unsupported_media_type: 'stop',
  // Passing.
  too_many_streams: 'retry',
  too_many_emits: 'retry',
  internal: 'retry',
  unavailable: 'retry',
  network: 'retry',
  timeout: 'retry',
  bad_answer: 'retry',
  bad_frame: 'retry',
  overflow: 'retry',
  adapter_state: 'retry',
  // No answer to a stream.
  not_emittable: 'retry',
  unknown_channel: 'retry',
  unknown_event: 'retry',
  emit_conflict: 'retry',
  event_too_large: 'retry',
  bad_payload: 'retry',
  bad_result: 'retry',
  action_failed: 'retry',
  bad_definition: 'retry',
  bad_options: 'retry',
  closed: 'retry',
  in_doubt: 'retry',
};

test.each(Object.entries(verdicts))('a stream that fails with %s: %s', (code, verdict) => {
  expect(decideRetry(new PubSubError(code as ErrorCode, ''))).toBe(verdict);
});

test('no code that may pass stops the connection', () => {
  const stopped = Object.entries(verdicts).filter(([, verdict]) => verdict === 'stop');
  expect(stopped.filter(([code]) => errorCodes[code as ErrorCode].retryable)).toEqual([]);
});
