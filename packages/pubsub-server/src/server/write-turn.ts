// Small, so that a peer's progress through a large turn is seen, and what its socket holds is known.
const pieceBytes = 65_536;

/**
 * What one stream has to write, as a chain of shared chunks. Streams that were sent the same chunks
 * since their last write stand on the same node, so the merged bytes are made once for all of them. A
 * chain is cut into pieces of at most 64 KiB, or one chunk where that alone is larger.
 */
export class OutgoingNode {
  /** Bytes of this piece, up to and with this node's chunk. */
  readonly totalBytes: number;
  /** The node before is the last of another piece, which is written first. */
  readonly startsPiece: boolean;
  readonly #parent: OutgoingNode | undefined;
  readonly #chunk: Buffer;
  #lastChild: OutgoingNode | undefined;
  #children: Map<Buffer, OutgoingNode> | undefined;
  #merged: Buffer | undefined;
  #framed: Buffer | undefined;

  constructor(before: OutgoingNode | undefined, chunk: Buffer) {
    const held = before?.totalBytes ?? 0;
    this.startsPiece = held > 0 && held + chunk.length > pieceBytes;
    this.#parent = this.startsPiece ? undefined : before;
    this.#chunk = chunk;
    this.totalBytes = (this.#parent?.totalBytes ?? 0) + chunk.length;
  }

  /** The node of this one's chunks and one more. */
  append(chunk: Buffer): OutgoingNode {
    // A broadcast asks for the same child again and again.
    if (this.#lastChild && this.#lastChild.#chunk === chunk) return this.#lastChild;
    let child = this.#children?.get(chunk);
    if (!child) {
      child = new OutgoingNode(this, chunk);
      if (this.#lastChild)
        (this.#children ??= new Map()).set(this.#lastChild.#chunk, this.#lastChild);
      if (this.#children) this.#children.set(chunk, child);
    }
    this.#lastChild = child;
    return child;
  }

  /** All chunks of its piece as one buffer. */
  get merged(): Buffer {
    this.#merged ??=
      this.totalBytes === this.#chunk.length
        ? this.#chunk
        : Buffer.concat(OutgoingNode.#chunksOf(this), this.totalBytes);
    return this.#merged;
  }

  /** The same as one chunk of HTTP/1.1's chunked coding, ready for the socket. */
  get framed(): Buffer {
    if (!this.#framed) {
      const head = Buffer.from(`${this.totalBytes.toString(16)}\r\n`, 'latin1');
      this.#framed = Buffer.concat(
        [head, ...OutgoingNode.#chunksOf(this), crlf],
        head.length + this.totalBytes + crlf.length,
      );
    }
    return this.#framed;
  }

  static #chunksOf(last: OutgoingNode): Buffer[] {
    const chunks: Buffer[] = [];
    for (let node: OutgoingNode | undefined = last; node; node = node.#parent) {
      if (node.#chunk.length > 0) chunks.push(node.#chunk);
    }
    return chunks.toReversed();
  }
}

const crlf = Buffer.from('\r\n', 'latin1');

/** Writes what it was sent since its last write. */
export interface TurnWriter {
  flush(): void;
}

/** Frames of one event-loop turn leave together: one write per stream and turn. */
export class WriteTurn {
  #root: OutgoingNode = emptyNode();
  #writers: TurnWriter[] = [];
  #scheduled = false;

  /** Where the chain of a stream begins that has nothing to write, and is flushed in this turn. */
  get root(): OutgoingNode {
    return this.#root;
  }

  /** Flushes the writer at the end of this turn. Call once per writer and turn. */
  add(writer: TurnWriter): void {
    this.#writers.push(writer);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#end());
  }

  #end(): void {
    this.#scheduled = false;
    this.#root = emptyNode();
    const writers = this.#writers;
    this.#writers = [];
    for (const writer of writers) writer.flush();
  }
}

/** The beginning of a chain. */
export function emptyNode(): OutgoingNode {
  return new OutgoingNode(undefined, Buffer.alloc(0));
}
