import {
  PubSubError,
  type Cursor,
  type Deliver,
  type LinkEvent,
  type LogEntry,
  type PubSubAdapter,
  type ReadPage,
} from '@hipponot/pubsub-core';

/** A log whose live delivery the test decides about: what it appends is delivered only when told. */
export class ScriptedAdapter implements PubSubAdapter {
  readonly name = 'scripted';
  readonly capabilities: PubSubAdapter['capabilities'];
  log: LogEntry[] = [];
  epoch = 'e1';
  /** Reads that will fail before one succeeds. */
  failReads = 0;
  reads = 0;
  subscribed = 0;
  readonly #deliver = new Set<Deliver>();
  readonly #links = new Set<(event: LinkEvent) => void>();

  constructor(contiguous = true) {
    this.capabilities = {
      persistence: 'process',
      contiguous,
      gapDetection: 'exact',
      idempotencyWindowMs: 0,
      idempotencyMaxIds: 0,
      multiNode: true,
    };
  }

  /** Puts an entry into the log, at the next offset or the one given. */
  append(offset = (this.log.at(-1)?.cursor.offset ?? 0) + 1): LogEntry {
    const id = `${this.epoch}-${offset}`;
    const entry = {
      cursor: { epoch: this.epoch, offset },
      id,
      json: JSON.stringify({ id }),
      at: 0,
    };
    this.log.push(entry);
    return entry;
  }

  deliver(...entries: LogEntry[]): void {
    for (const deliver of this.#deliver) deliver(entries);
  }

  link(event: LinkEvent): void {
    for (const listener of this.#links) listener(event);
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  async publish(): Promise<never> {
    throw new PubSubError('adapter_state', 'The test publishes by itself.');
  }

  async subscribe(_channel: string, deliver: Deliver): Promise<() => void> {
    this.#deliver.add(deliver);
    this.subscribed += 1;
    return () => {
      this.#deliver.delete(deliver);
      this.subscribed -= 1;
    };
  }

  async read(
    _channel: string,
    { after, limit }: { after?: Cursor; limit: number },
  ): Promise<ReadPage> {
    this.reads += 1;
    await Promise.resolve();
    if (this.failReads > 0) {
      this.failReads -= 1;
      throw new Error('the backend is away');
    }
    const top = await this.position();
    const from = after ?? { epoch: this.epoch, offset: Math.max(0, top.offset - limit) };
    const reset = from.epoch !== this.epoch || from.offset > top.offset;
    const rest = this.log.filter(({ cursor }) => reset || cursor.offset > from.offset);
    const first = rest[0]?.cursor.offset ?? top.offset + 1;
    const gap = !reset && this.capabilities.contiguous && first > from.offset + 1;
    const entries = rest.slice(0, limit);
    return {
      outcome: reset ? 'reset' : gap ? 'gap' : 'ok',
      entries,
      from: reset || gap ? { epoch: this.epoch, offset: first - 1 } : from,
      top,
      more: rest.length > limit,
    };
  }

  async position(): Promise<Cursor> {
    return this.log.at(-1)?.cursor ?? { epoch: this.epoch, offset: 0 };
  }

  async trim(): Promise<void> {}
  async health(): Promise<{ status: 'up' }> {
    return { status: 'up' };
  }

  onLink(listener: (event: LinkEvent) => void): () => void {
    this.#links.add(listener);
    return () => this.#links.delete(listener);
  }
}
