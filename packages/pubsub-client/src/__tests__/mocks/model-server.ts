import type { ScriptedStream } from './scripted-transport.ts';

interface Log {
  epoch: string;
  /** Events still held; `n` counts every event of the channel, over all epochs. */
  events: { offset: number; n: number }[];
  top: number;
  published: number;
  epochs: number;
}

interface Said {
  readonly say: () => void;
  /** The channel that this tells of having been made anew. */
  readonly resets?: string | undefined;
}

/** A server's side of one stream: what it has said, and what the network has not yet delivered. */
class Served {
  readonly stream: ScriptedStream;
  readonly queue: Said[] = [];
  /** Channels attached on the server's side. */
  readonly attached = new Set<string>();
  /** Channels asked for, in the order in which they will be attached. */
  readonly waiting: string[];

  constructor(stream: ScriptedStream, waiting: string[]) {
    this.stream = stream;
    this.waiting = waiting;
  }
}

/**
 * A server by the letter of PROTOCOL.md, slow and unkind: it attaches channel by channel whenever it is
 * told to, and what it says reaches the client whenever the network is told to deliver it.
 */
export class ModelServer {
  readonly logs = new Map<string, Log>();
  readonly streams: Served[] = [];

  log(channel: string): Log {
    let log = this.logs.get(channel);
    if (!log) {
      log = { epoch: 'e1', events: [], top: 0, published: 0, epochs: 1 };
      this.logs.set(channel, log);
    }
    return log;
  }

  accept(stream: ScriptedStream, reverse: boolean): void {
    const served = new Served(stream, reverse ? stream.channels.toReversed() : stream.channels);
    served.queue.push({ say: () => stream.hello() });
    this.streams.push(served);
  }

  publish(channel: string): void {
    const log = this.log(channel);
    log.top += 1;
    log.published += 1;
    log.events.push({ offset: log.top, n: log.published });
    const event = this.#event(channel, log.top, log.published);
    for (const served of this.streams)
      if (served.attached.has(channel)) served.queue.push({ say: () => event(served) });
  }

  /** The oldest events are gone, for whoever has not read them yet. */
  trim(channel: string): void {
    const log = this.log(channel);
    log.events = log.events.slice(-2);
  }

  /**
   * The log is made anew; whoever is attached is told. Not again before everyone knows of the last time:
   * epochs have no order, so of two resets on two streams a client cannot tell which is the later.
   */
  recreate(channel: string): void {
    const log = this.log(channel);
    if (this.streams.some(({ queue }) => queue.some(({ resets }) => resets === channel))) return;
    const from = `${log.epoch}:${log.top}`;
    log.epochs += 1;
    log.epoch = `e${log.epochs}`;
    log.top = 0;
    log.events = [];
    const to = `${log.epoch}:0`;
    for (const { attached, queue, stream } of this.streams) {
      if (attached.has(channel)) {
        const say = (): void =>
          stream.say('gap', { channel, outcome: 'reset', from, to, reason: 'recreated' });
        queue.push({ say, resets: channel });
      }
    }
  }

  /** Attaches the next channel of a stream. */
  attachNext(served: Served): void {
    const channel = served.waiting.shift();
    if (channel === undefined) return;
    const { queue, stream } = served;
    const log = this.log(channel);
    const cursor = stream.request.channels.find((each) => each.channel === channel)?.cursor;
    const [epoch, offset] = cursor?.split(':') ?? [];
    const position = Number(offset);
    const held = log.events[0]?.offset ?? log.top + 1;
    const outcome =
      cursor === undefined
        ? 'fresh'
        : epoch !== log.epoch || position > log.top
          ? 'reset'
          : position + 1 < held
            ? 'gap'
            : 'recovered';
    const after = outcome === 'recovered' ? position : outcome === 'gap' ? held - 1 : log.top;
    const from = `${log.epoch}:${after}`;
    queue.push({
      say: () => stream.say('attached', { channel, outcome, from }),
      resets: outcome === 'reset' ? channel : undefined,
    });
    const replayed = log.events.filter((event) => event.offset > after);
    for (const event of replayed) {
      const say = this.#event(channel, event.offset, event.n);
      queue.push({ say: () => say(served) });
    }
    const to = `${log.epoch}:${log.top}`;
    queue.push({ say: () => stream.live(channel, to, replayed.length) });
    served.attached.add(channel);
  }

  /** The network delivers the next few things that a stream said. */
  deliver(served: Served, count: number): void {
    for (const { say } of served.queue.splice(0, count)) say();
  }

  cut(served: Served): void {
    served.queue.length = 0;
    served.attached.clear();
    served.waiting.length = 0;
    served.stream.end();
  }

  #event(channel: string, offset: number, n: number): (served: Served) => void {
    const cursor = `${this.log(channel).epoch}:${offset}`;
    return ({ stream }) => stream.event(channel, cursor, n);
  }
}
