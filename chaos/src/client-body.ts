import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { cutPosition, EventBlocks, readEvent } from './event-blocks.ts';
import type { RequestLine } from './match.ts';
import { seededRandom } from './random.ts';
import type { CutHow, Rules } from './rules.ts';

/** An event held for a cut is let go when it grows past this many bytes. */
const holdLimit = 1024 * 1024;

export interface ClientBodyOptions {
  response: ServerResponse;
  request: RequestLine;
  rules: Rules;
  /** From `rules.beginResponse()`. */
  number: number;
  /** Keys the slices, so that an exchange replays by itself. */
  exchange: number;
  isEventStream: boolean;
  lingerMs: number;
  /** Aborts when the client is gone. */
  signal: AbortSignal;
  /** Ends the connection; called once, after what may pass has left. */
  cut: (how: CutHow, detail: string) => void;
}

/** The response body on its way to the client, through the rules that look at its bytes. */
export class ClientBody {
  readonly #options: ClientBodyOptions;
  readonly #blocks = new EventBlocks();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #sent = 0;
  #isCut = false;
  #nextSlice: { seed: number; random: () => number; left: number } | undefined;

  constructor(options: ClientBodyOptions) {
    this.#options = options;
  }

  /** Sends a chunk, or what the rules leave of it. False when the response was cut. */
  async write(chunk: Buffer): Promise<boolean> {
    const { rules, request, number, isEventStream } = this.#options;
    if (!isEventStream) return this.#send(chunk);
    const pieces = this.#blocks.feed(chunk);
    if (this.#heldBytes === 0 && !rules.watchesEvents(request, number)) return this.#send(chunk);
    for (const { bytes, first, last } of pieces) {
      const holds = this.#heldBytes > 0 || (first && rules.watchesEvents(request, number));
      if (!holds) {
        if (!(await this.#send(bytes))) return false;
        continue;
      }
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
      if (!last && this.#heldBytes < holdLimit) continue;
      if (!(await this.#settle(this.#release(), last))) return false;
    }
    return true;
  }

  /** A cut after 0 bytes comes before the first chunk, which an idle stream may never have. */
  start(): Promise<boolean> {
    return this.#send(Buffer.alloc(0));
  }

  /** What is still held when the server ends in mid-event. */
  async end(): Promise<boolean> {
    return this.#heldBytes === 0 || this.#send(this.#release());
  }

  #release(): Buffer {
    const block = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return block;
  }

  async #settle(block: Buffer, whole: boolean): Promise<boolean> {
    const { rules, request, number } = this.#options;
    const event = whole ? readEvent(block) : undefined;
    if (!event) return this.#send(block);
    const first = rules.takeFirstEventCut(request, number, event);
    if (first) return this.#cut(first.how, 'before the first event');
    const inside = rules.takeEventCut(request, event);
    if (!inside) return this.#send(block);
    const passes = cutPosition(block, inside.at ?? 0.5);
    if (!(await this.#send(block.subarray(0, passes)))) return false;
    return this.#cut(inside.how, `inside an event, after ${passes} of ${block.length} bytes`);
  }

  async #send(bytes: Buffer): Promise<boolean> {
    const { rules, request, number } = this.#options;
    const cut = rules.takeByteCut(request, number, this.#sent, bytes.length);
    await this.#slice(cut ? bytes.subarray(0, cut.bytes - this.#sent) : bytes);
    if (cut) return this.#cut(cut.how, `after ${this.#sent} bytes`);
    return !this.#isCut && !this.#options.signal.aborted;
  }

  /** Slice lengths depend on the byte offset alone, so the server's chunking moves none of them. */
  async #slice(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0 && !this.#options.signal.aborted) {
      const rule = this.#options.rules.slices;
      if (!rule) return this.#push(rest);
      if (this.#nextSlice?.seed !== rule.seed) {
        const random = seededRandom(rule.seed, this.#options.exchange);
        this.#nextSlice = { seed: rule.seed, random, left: 0 };
      }
      const slice = this.#nextSlice;
      if (slice.left === 0) {
        slice.left = rule.min + Math.floor(slice.random() * (rule.max - rule.min + 1));
      }
      const piece = rest.subarray(0, slice.left);
      slice.left -= piece.length;
      rest = rest.subarray(piece.length);
      await this.#push(piece);
      // Two writes in one turn would leave as one segment.
      await nextTurn();
    }
  }

  /** Resolves when the kernel has the bytes: the client's pace is the server's, and a cut loses none. */
  #push(bytes: Buffer): Promise<void> {
    const { response, signal } = this.#options;
    this.#sent += bytes.length;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done);
      response.write(bytes, done);
    });
  }

  async #cut(how: CutHow = 'reset', detail: string): Promise<false> {
    this.#isCut = true;
    const { signal, lingerMs, cut } = this.#options;
    // Readers (fetch among them) drop what they have not yet taken when the reset arrives.
    if (lingerMs > 0) await wait(lingerMs, undefined, { signal }).catch(() => {});
    // After a busy spell the timer comes before the reads: a client in this process needs its turn.
    for (let turn = 0; turn < 4; turn++) await nextTurn();
    if (!signal.aborted) cut(how, detail);
    return false;
  }
}
