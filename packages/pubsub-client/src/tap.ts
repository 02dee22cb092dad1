import type { Cursor, EventEnvelope, PubSubError } from '@hipponot/pubsub-core';
import type { Recovery } from './channels/channel-snapshot.ts';
import type { ConnectionStatus } from './client/connection-status.ts';

/** What became of a delivered event. `invalid`: its payload does not fit the schema, so it was skipped. */
export type Disposition = 'applied' | 'replayed' | 'duplicate' | 'invalid';

/** The life of an emit, as far as plain emits know it. */
export type EmitState = 'sending' | 'acked' | 'confirmed' | 'rejected' | 'failed';

/** One thing that happened, for tools: read only, made only while someone listens. `at`: epoch milliseconds. */
export type TapRecord =
  | { readonly type: 'connection'; readonly at: number; readonly status: ConnectionStatus }
  | {
      readonly type: 'delivery';
      readonly at: number;
      readonly channel: string;
      readonly cursor: Cursor;
      readonly envelope: EventEnvelope;
      readonly disposition: Disposition;
    }
  | {
      readonly type: 'recovery';
      readonly at: number;
      readonly channel: string;
      readonly recovery: Recovery;
    }
  | {
      readonly type: 'emit';
      readonly at: number;
      readonly id: string;
      readonly name: string;
      readonly channel: string;
      readonly state: EmitState;
      readonly error?: PubSubError | undefined;
    };

type WithoutTime<Record> = Record extends TapRecord ? Omit<Record, 'at'> : never;

/** Tells of what happened. The record is made only if someone listens. */
export type Tap = (make: () => WithoutTime<TapRecord>) => void;
