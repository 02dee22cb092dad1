export { startFaultProxy } from './fault-proxy.ts';
export type { FaultProxy, FaultProxyOptions } from './fault-proxy.ts';
export type { LogEntry, LogKind, OnceOptions } from './event-log.ts';
export type { Target } from './exchange.ts';
export type { EventMatch, RequestMatch } from './match.ts';
export { seededRandom } from './random.ts';
export type {
  CutHow,
  CutOptions,
  EventCutOptions,
  FirstEventCutOptions,
  RespondOptions,
  Times,
} from './rules.ts';
