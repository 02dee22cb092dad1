import type { IncomingMessage } from 'node:http';

export interface Arrival {
  /** On the `performance.now()` clock: when it may go on. */
  due: number;
  what: Buffer | 'end' | 'broken';
}

/** What a held or delayed response may gather before the server feels it, as in a full socket. */
const readAheadLimit = 256 * 1024;

/**
 * Reads a response as it arrives, so that a delay moves every chunk by the same time instead of
 * adding up, and keeps order: what came before a failure goes on before it.
 */
export class ReadAhead {
  readonly #source: IncomingMessage;
  readonly #due: () => number;
  readonly #arrivals: Arrival[] = [];
  #bytes = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(source: IncomingMessage, due: () => number) {
    this.#source = source;
    this.#due = due;
    source.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes > readAheadLimit) source.pause();
      this.#add(chunk);
    });
    source.on('end', () => this.#add('end'));
    // 'close' follows, and says the same.
    source.on('error', () => {});
    source.on('close', () => this.#add('broken'));
  }

  async next(): Promise<Arrival> {
    for (;;) {
      const arrival = this.#arrivals.shift();
      if (!arrival) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      if (arrival.what instanceof Buffer) {
        this.#bytes -= arrival.what.length;
        if (this.#bytes <= readAheadLimit) this.#source.resume();
      }
      return arrival;
    }
  }

  #add(what: Arrival['what']): void {
    if (this.#ended) return;
    this.#ended = typeof what === 'string';
    this.#arrivals.push({ due: this.#due(), what });
    this.#wake?.();
  }
}
