import type { EventFields } from './match.ts';

const LF = 10;
const CR = 13;

export interface Piece {
  bytes: Buffer;
  /** These bytes begin a block (they follow a blank line, or nothing). */
  first: boolean;
  /** These bytes end a block: the blank line is in them. */
  last: boolean;
}

/**
 * Splits a `text/event-stream` body at its blank lines, byte by byte, so that LF, CR and CRLF and
 * any chunking give the same blocks (HTML §9.2.5). Holds no bytes itself.
 */
export class EventBlocks {
  #atStart = true;
  #lineIsEmpty = true;
  #afterCR = false;

  /** True between two blocks. */
  get atStart(): boolean {
    return this.#atStart;
  }

  feed(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    const push = (to: number, last: boolean): void => {
      if (to === from) return;
      pieces.push({ bytes: chunk.subarray(from, to), first: this.#atStart, last });
      this.#atStart = last;
      from = to;
    };
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      const secondOfCRLF = byte === LF && this.#afterCR;
      this.#afterCR = byte === CR;
      if (secondOfCRLF) {
        // A blank CRLF split over two chunks: its LF is no part of the next block.
        if (at === 0 && this.#atStart) {
          pieces.push({ bytes: chunk.subarray(0, 1), first: false, last: true });
          from = 1;
        }
        continue;
      }
      if (byte !== LF && byte !== CR) {
        this.#lineIsEmpty = false;
        continue;
      }
      if (this.#lineIsEmpty) {
        // The LF of a CRLF blank line belongs to the block it ends.
        if (byte === CR && chunk[at + 1] === LF) {
          at++;
          this.#afterCR = false;
        }
        push(at + 1, true);
      }
      this.#lineIsEmpty = true;
    }
    push(chunk.length, false);
    return pieces;
  }
}

/** The fields of one whole block, or undefined for one without data (a comment, an id alone). */
export function readEvent(block: Buffer): EventFields | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.toString('utf8').split(/\r\n|\n|\r/)) {
    const [, field, value = ''] = /^(event|data)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') data.push(value);
    else if (field === 'event' && value !== '') event = value;
  }
  return data.length > 0 ? { event, data: data.join('\n') } : undefined;
}

/** How many of a block's bytes pass before the cut: at least one, never its final blank line. */
export function cutPosition(block: Buffer, fraction: number): number {
  const blank = block.at(-1) === LF && block.at(-2) === CR ? 2 : 1;
  const usable = block.length - blank;
  return Math.min(usable, Math.max(1, Math.round(usable * fraction)));
}
