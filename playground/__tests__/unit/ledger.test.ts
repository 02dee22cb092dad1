import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/ledger/ledger.ts';

const epoch = 'abc';
const at = (offset: number) => ({ epoch, offset });
const published = (...offsets: number[]) => offsets.map((offset) => ({ id: `e${offset}`, offset }));

/** A ledger of a client that started at 10, when nothing had been published that it should see. */
function started(): Ledger {
  const ledger = new Ledger();
  ledger.attached({ outcome: 'fresh', replayed: 0, to: at(10) });
  return ledger;
}

describe('Ledger', () => {
  it('asks from where the client started', () => {
    expect(new Ledger().after).toBeUndefined();
    expect(started().after).toEqual(at(10));
  });

  it('counts what was published and what was seen, event by event', () => {
    const ledger = started();
    ledger.delivered('e11', at(11));
    ledger.published(epoch, published(11, 12));
    expect(ledger.read()).toMatchObject({ published: 2, seen: 1, missed: 0, twice: 0, toCome: 1 });
    ledger.delivered('e12', at(12));
    expect(ledger.read()).toMatchObject({ published: 2, seen: 2, missed: 0, toCome: 0 });
  });

  it('calls an event missed once the client is past it, and not before', () => {
    const ledger = started();
    ledger.published(epoch, published(11, 12, 13));
    expect(ledger.read()).toMatchObject({ missed: 0, toCome: 3 });
    ledger.delivered('e13', at(13));
    expect(ledger.read()).toMatchObject({ seen: 1, missed: 2, toCome: 0 });
  });

  it('calls it missed, too, when the client says that it caught up beyond it', () => {
    const ledger = started();
    ledger.published(epoch, published(11, 12));
    ledger.attached({ outcome: 'recovered', replayed: 0, from: at(10), to: at(12) });
    expect(ledger.read()).toMatchObject({ seen: 0, missed: 2 });
  });

  it('counts what is handed over more than once', () => {
    const ledger = started();
    ledger.published(epoch, published(11));
    ledger.delivered('e11', at(11));
    ledger.delivered('e11', at(11));
    expect(ledger.read()).toMatchObject({ published: 1, seen: 1, twice: 1 });
  });

  it('counts an event of the server once, though two answers hold it', () => {
    const ledger = started();
    ledger.published(epoch, published(11, 12));
    ledger.published(epoch, published(12, 13));
    expect(ledger.read().published).toBe(3);
    expect(ledger.after).toEqual(at(13));
  });

  it('keeps one account over a recovery, and begins another with a reset', () => {
    const ledger = started();
    ledger.delivered('e11', at(11));
    ledger.published(epoch, published(11));
    ledger.attached({ outcome: 'recovered', replayed: 0, to: at(11) });
    expect(ledger.read().published).toBe(1);
    ledger.attached({ outcome: 'reset', replayed: 0, to: { epoch: 'xyz', offset: 3 } });
    expect(ledger.read()).toMatchObject({ published: 0, seen: 0, missed: 0 });
    expect(ledger.after).toEqual({ epoch: 'xyz', offset: 3 });
  });

  it('counts history that was replayed before the client was live', () => {
    const ledger = new Ledger();
    for (const offset of [8, 9, 10]) ledger.delivered(`e${offset}`, at(offset));
    ledger.attached({ outcome: 'fresh', replayed: 3, to: at(10) });
    expect(ledger.after).toEqual(at(7));
    ledger.published(epoch, published(8, 9, 10));
    expect(ledger.read()).toMatchObject({ published: 3, seen: 3, missed: 0, twice: 0 });
  });
});
