import { parseCursor, type Cursor } from '../cursor.ts';
import { PubSubError } from '../pubsub-error.ts';
import type { EventEnvelope, EventName } from '../types/event.ts';

/** The version of this protocol, in `hello`. */
export const protocolVersion = 1;

/** How a (re)subscribe went: see product.md's words and PROTOCOL.md "Recovery". */
export type RecoveryOutcome = 'fresh' | 'recovered' | 'gap' | 'reset';

/** The first frame of every stream. */
export interface HelloFrame {
  readonly v: number;
  /** 128 random bits, bound to the principal that opened the stream. */
  readonly streamId: string;
  /** ISO 8601, for estimates only. */
  readonly serverTime: string;
  readonly heartbeatMs: number;
  /** Until the credentials expire; absent when they do not. */
  readonly expiresInMs?: number;
  readonly limits: { readonly channels: number; readonly eventBytes: number };
  /** How long an emit id is remembered. */
  readonly emitWindowMs: number;
}

/** Sent before a channel's first event. */
export interface AttachedFrame {
  readonly channel: string;
  readonly outcome: RecoveryOutcome;
  /** Where delivery starts: the next event is the first after this position. */
  readonly from: string;
  /** Where delivery starts as fresh with `history`: the end of the log at attach. Up to it is history. */
  readonly top?: string;
  /** Why it is a `gap` or `reset`. */
  readonly reason?: string;
}

/** Sent after a channel's last replayed event: what follows is live. */
export interface LiveFrame {
  readonly channel: string;
  readonly replayed: number;
  readonly to: string;
}

/** Events between `from` and `to` are gone (`gap`), or the log was recreated (`reset`), on a live channel. */
export interface GapFrame {
  readonly channel: string;
  readonly outcome: 'gap' | 'reset';
  readonly from: string;
  /** Delivery goes on after this position. */
  readonly to: string;
  readonly reason: string;
}

/** The channel ends alone; the others flow. `denied` at attach, `revoked` later. */
export interface DeniedFrame {
  readonly channel: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** The server ends this stream soon: reopen after `retryMs`, with the same cursors. */
export interface DrainFrame {
  readonly retryMs: number;
  readonly reason: string;
}

/** Proof of life; carries only positions that moved without a delivery. */
export interface HeartbeatFrame {
  readonly positions?: Readonly<Record<string, string>>;
}

/** Control frames by their SSE event type. None holds `:`, none is `error`, `open` or `message`. */
export interface ControlFrames {
  readonly hello: HelloFrame;
  readonly attached: AttachedFrame;
  readonly live: LiveFrame;
  readonly gap: GapFrame;
  readonly denied: DeniedFrame;
  readonly revoked: DeniedFrame;
  readonly drain: DrainFrame;
  readonly heartbeat: HeartbeatFrame;
}

export type ControlType = keyof ControlFrames;

/** A decoded control frame: `{ type, ...body }`. */
export type ControlFrame = {
  [Type in ControlType]: { readonly type: Type } & ControlFrames[Type];
}[ControlType];

/** A decoded data frame. */
export interface EventFrame {
  readonly type: 'event';
  readonly cursor: Cursor;
  readonly envelope: EventEnvelope;
}

export type Frame = ControlFrame | EventFrame;

/**
 * One event as SSE text, the same for every subscriber: the cursor is spliced before the envelope's
 * own JSON, which was serialised once at publish.
 */
export function encodeEvent(cursor: string, envelopeJson: string): string {
  return `data: {"cursor":"${cursor}",${envelopeJson.slice(1)}\n\n`;
}

/** One control frame as SSE text. Never carries an `id:`. */
export function encodeControl<Type extends ControlType>(
  type: Type,
  body: ControlFrames[Type],
): string {
  return `event: ${type}\ndata: ${JSON.stringify(body)}\n\n`;
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
// JSON's 1e400 is Infinity, which would make a timer fire at once.
const amount: Check = (value) => typeof value === 'number' && value >= 0 && value < Infinity;
const position: Check = (value) => parseCursor(value) !== undefined;
const positions: Check = (value) => isObject(value) && Object.values(value).every(position);
const oneOf =
  (...known: RecoveryOutcome[]): Check =>
  (value) =>
    (known as unknown[]).includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const refusal = { channel: text, code: text };

// What each control frame must hold to be safe to act on: malformed ones end the stream, never the position.
const shapes = {
  hello: { v: amount, streamId: text, heartbeatMs: amount, expiresInMs: optional(amount) },
  attached: {
    channel: text,
    outcome: oneOf('fresh', 'recovered', 'gap', 'reset'),
    from: position,
    top: optional(position),
  },
  live: { channel: text, replayed: amount, to: position },
  gap: { channel: text, outcome: oneOf('gap', 'reset'), from: position, to: position },
  denied: refusal,
  revoked: refusal,
  drain: { retryMs: amount },
  heartbeat: { positions: optional(positions) },
} satisfies { [Type in ControlType]: { [Key in keyof ControlFrames[Type]]?: Check } };

/**
 * Decodes one SSE message. Returns `undefined` for a control type this version does not know.
 *
 * @param type the SSE event type; `undefined`, `''` and `message` are data frames
 * @throws {PubSubError} `bad_frame` when malformed
 */
export function decodeFrame(type: string | undefined, data: string): Frame | undefined {
  if (type === undefined || type === '' || type === 'message') return decodeEvent(data);
  if (!Object.hasOwn(shapes, type)) return undefined;
  const body = parseObject(data);
  for (const [key, check] of Object.entries(shapes[type as ControlType])) {
    if (body && check(body[key])) continue;
    throw new PubSubError('bad_frame', `The control frame "${type}" has no usable "${key}".`, {
      retryable: true,
    });
  }
  return { ...body, type } as ControlFrame;
}

function decodeEvent(data: string): EventFrame {
  const body = parseObject(data);
  const cursor = parseCursor(body?.['cursor']);
  if (
    !body ||
    !cursor ||
    typeof body['name'] !== 'string' ||
    typeof body['channel'] !== 'string' ||
    typeof body['id'] !== 'string'
  ) {
    throw new PubSubError(
      'bad_frame',
      'A data frame is not an event with cursor, id, name and channel.',
      { retryable: true },
    );
  }
  const { cursor: _cursor, ...envelope } = body;
  return { type: 'event', cursor, envelope: envelope as unknown as EventEnvelope<EventName> };
}

function parseObject(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
