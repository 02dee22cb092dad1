/** What a code means to client and server. */
export interface CodeRow {
  /** The HTTP status it is answered with; 0 where it never crosses HTTP. */
  readonly status: number;
  /** May the same request succeed later? */
  readonly retryable: boolean;
  readonly meaning: string;
}

/** A stable error code. */
export type ErrorCode =
  | 'bad_request'
  | 'bad_cursor'
  | 'bad_channel'
  | 'too_many_channels'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_emittable'
  | 'not_found'
  | 'unknown_channel'
  | 'unknown_event'
  | 'method_not_allowed'
  | 'emit_conflict'
  | 'body_too_large'
  | 'event_too_large'
  | 'unsupported_media_type'
  | 'bad_payload'
  | 'bad_result'
  | 'too_many_streams'
  | 'too_many_emits'
  | 'action_failed'
  | 'internal'
  | 'unavailable'
  | 'in_doubt'
  | 'bad_definition'
  | 'bad_options'
  | 'adapter_state'
  | 'overflow'
  | 'closed'
  | 'network'
  | 'timeout'
  | 'bad_answer'
  | 'bad_frame';

/** Every error code, with its status and whether a retry may help. PROTOCOL.md prints this table. */
export const errorCodes: Readonly<Record<ErrorCode, CodeRow>> = {
  // The request is wrong: sending it again changes nothing.
  bad_request: {
    status: 400,
    retryable: false,
    meaning: 'The body or query is not what the endpoint takes.',
  },
  bad_cursor: { status: 400, retryable: false, meaning: 'A cursor is not `<epoch>:<offset>`.' },
  bad_channel: { status: 400, retryable: false, meaning: 'A channel is not a legal address.' },
  too_many_channels: {
    status: 400,
    retryable: false,
    meaning: 'More channels than one stream may carry.',
  },
  unauthenticated: {
    status: 401,
    retryable: false,
    meaning: 'No or no valid credentials: refresh them, then try again.',
  },
  forbidden: {
    status: 403,
    retryable: false,
    meaning: 'The user may not do this on this channel.',
  },
  not_emittable: {
    status: 403,
    retryable: false,
    meaning: 'The event is server to client only (direction SSE).',
  },
  not_found: { status: 404, retryable: false, meaning: 'No such endpoint.' },
  unknown_channel: {
    status: 404,
    retryable: false,
    meaning: 'No event of the contract declares a channel like this.',
  },
  unknown_event: {
    status: 404,
    retryable: false,
    meaning: 'The contract has no event of this name.',
  },
  method_not_allowed: {
    status: 405,
    retryable: false,
    meaning: 'The endpoint takes another method; see `Allow`.',
  },
  emit_conflict: {
    status: 409,
    retryable: false,
    meaning: 'This emit id was used with another payload or by another user.',
  },
  body_too_large: { status: 413, retryable: false, meaning: 'The request body is over the limit.' },
  event_too_large: {
    status: 413,
    retryable: false,
    meaning: 'The event as JSON is over the limit.',
  },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    meaning: 'The endpoint takes application/json.',
  },
  bad_payload: {
    status: 422,
    retryable: false,
    meaning: 'The payload does not fit the schema; `path` and `issues` say where.',
  },
  bad_result: {
    status: 500,
    retryable: false,
    meaning: "The action's answer does not fit its result schema.",
  },
  // The server cannot now: a later try may succeed.
  too_many_streams: {
    status: 429,
    retryable: true,
    meaning: 'The user or the server has as many streams as it may have.',
  },
  too_many_emits: {
    status: 429,
    retryable: true,
    meaning: 'The user has as many emits running as it may have.',
  },
  action_failed: {
    status: 500,
    retryable: false,
    meaning: 'The action threw. Its message stays on the server.',
  },
  internal: { status: 500, retryable: true, meaning: 'A fault of the server.' },
  unavailable: {
    status: 503,
    retryable: true,
    meaning: 'The server or its backend is starting, stopping or unreachable.',
  },
  in_doubt: {
    status: 504,
    retryable: false,
    meaning: 'It is unknown whether the emit took effect.',
  },
  // Definition and use: these never cross the wire.
  bad_definition: {
    status: 0,
    retryable: false,
    meaning: 'An event or contract definition is wrong.',
  },
  bad_options: { status: 0, retryable: false, meaning: 'An option is missing or out of range.' },
  adapter_state: {
    status: 0,
    retryable: true,
    meaning: 'The adapter is not started, or is stopping.',
  },
  overflow: { status: 0, retryable: true, meaning: 'A bounded buffer is full.' },
  // The client's own.
  closed: { status: 0, retryable: false, meaning: 'The client was closed.' },
  network: {
    status: 0,
    retryable: true,
    meaning: 'The request did not reach the server, or its answer not us.',
  },
  timeout: {
    status: 0,
    retryable: true,
    meaning: 'No answer, or no byte, within the time allowed.',
  },
  bad_answer: {
    status: 0,
    retryable: true,
    meaning: 'The answer is not of this protocol: a proxy, a portal, an error page.',
  },
  bad_frame: {
    status: 0,
    retryable: true,
    meaning: 'A frame is malformed or over the size limit.',
  },
};
