/** A canonical event name, `family:verb`, e.g. `orders:created` (specification §3.1). */
export type EventName = `${string}:${string}`;

/** Free metadata beside the payload. JSON only. */
export type EventMeta = Record<string, unknown>;

/**
 * An event in its envelope, as every subscriber sees it (specification §3.1).
 * The specification's `Record<string, any>` for `meta` is narrowed to `unknown` values.
 */
export interface EventEnvelope<Name extends EventName = EventName, Payload = unknown> {
  /** Unique id (UUID). An emit, its ack and its echo share it. */
  id: string;
  /** Canonical name, `family:verb`. */
  name: Name;
  /** The address it was published to, e.g. `orders` or `chat/42`; its first segment is the family. */
  channel: string;
  payload: Payload;
  /** ISO 8601, from the server's clock. */
  timestamp: string;
  meta?: EventMeta;
}
