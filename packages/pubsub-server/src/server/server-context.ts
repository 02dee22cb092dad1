import type { AnyContract, Logger, PubSubAdapter } from '@hipponot/pubsub-core';
import type { Authorize, PolicyMap } from '../authorize.ts';
import type { Limits } from '../limits.ts';
import type { PublishDeps } from '../publish.ts';
import type { CorsOptions, IncomingRequest, Principal } from '../pubsub-options.ts';
import type { EmitDeps } from '../actions/run-emit.ts';
import type { AttachDeps } from './attach.ts';
import type { Hub } from './hub.ts';
import type { StreamDeps } from './stream.ts';

/** Where the server stands. */
export type ServerState = 'idle' | 'starting' | 'started' | 'stopping' | 'stopped';

/** The parts of one server, as its endpoints use them. */
export interface ServerContext {
  readonly contract: AnyContract;
  readonly adapter: PubSubAdapter;
  readonly logger: Logger;
  readonly limits: Limits;
  readonly basePath: string;
  readonly heartbeatMs: number;
  readonly emitWindowMs: number;
  readonly cors: CorsOptions | undefined;
  readonly authenticate: (request: IncomingRequest) => Principal | null | Promise<Principal | null>;
  readonly policies: PolicyMap;
  readonly authorize: Authorize;
  readonly hub: Hub;
  readonly attaching: AttachDeps;
  readonly publishing: PublishDeps;
  readonly emitting: EmitDeps;
  readonly streaming: Omit<StreamDeps, 'onEnd'>;
  readonly state: () => ServerState;
  /** Starts the adapter on first use. @throws {PubSubError} `unavailable` */
  readonly ready: () => Promise<void>;
}
