import type { ChannelOf } from '@hipponot/pubsub-core';
import type { Readable } from '@hipponot/pubsub-client';
import type { contract } from '../../contract.ts';
import { ada, type Person } from '../people.ts';
import { Ledger, type LedgerView } from './ledger.ts';

/** Milliseconds after a delivery until the server is asked, so that a burst asks once. */
const settleMs = 120;
/** Milliseconds between questions while nothing is delivered, as during a cut. */
const pollMs = 1_500;

/** Keeps one person's ledger of one channel from now on; asks the server while somebody reads it. */
export function createLedgerStore(
  person: Person,
  channel: ChannelOf<typeof contract>,
): Readable<LedgerView> {
  const ledger = new Ledger();
  const listeners = new Set<() => void>();
  let view = ledger.read();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;

  function show(): void {
    view = ledger.read();
    for (const listener of listeners) listener();
  }

  function askIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), ms);
  }

  async function ask(): Promise<void> {
    const { after } = ledger;
    if (listeners.size === 0 || asking) return;
    asking = true;
    try {
      if (after) {
        // Ada's connection is never cut: the server's word is to be had while B's is.
        const { epoch, published } = await ada.trpc.journal.since.query({ channel, after });
        ledger.published(epoch, published);
        show();
      }
    } catch {
      // The server is away: its word is asked for again below.
    } finally {
      asking = false;
      if (listeners.size > 0) askIn(pollMs);
    }
  }

  person.pubsub.tap((record) => {
    if (!('channel' in record) || record.channel !== channel) return;
    if (record.type === 'recovery') ledger.attached(record.recovery);
    else if (record.type !== 'delivery') return;
    else if (record.disposition === 'applied' || record.disposition === 'replayed') {
      ledger.delivered(record.envelope.id, record.cursor);
    } else return;
    if (listeners.size === 0) return;
    if (record.type === 'recovery') show();
    askIn(settleMs);
  });

  return {
    getSnapshot: () => view,
    subscribe(listener) {
      listeners.add(listener);
      if (listeners.size === 1) askIn(0);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearTimeout(timer);
      };
    },
  };
}
