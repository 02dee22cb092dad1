import { describe, expect, it } from 'vitest';
import { cutPosition, EventBlocks, readEvent } from '../../event-blocks.ts';
import { seededRandom } from '../../random.ts';

/** The blocks of a body that comes in these chunks; a leading LF of a split CRLF joins its block. */
function blocksOf(chunks: Buffer[]): string[] {
  const splitter = new EventBlocks();
  const blocks: string[] = [];
  let open = '';
  for (const { bytes, first, last } of chunks.flatMap((chunk) => splitter.feed(chunk))) {
    if (!first && last && open === '') {
      blocks.push(`${blocks.pop() ?? ''}${bytes.toString('latin1')}`);
      continue;
    }
    open += bytes.toString('latin1');
    if (last) {
      blocks.push(open);
      open = '';
    }
  }
  return open === '' ? blocks : [...blocks, open];
}

describe('the blocks of an event stream', () => {
  const blocks = (eol: string): string[] => [
    `: hi${eol}${eol}`,
    `id: 1${eol}data: é${eol}data${eol}${eol}`,
    eol,
    `data: x${eol}${eol}`,
  ];

  it.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('end at a blank line of %s', (_name, eol) => {
    const expected = blocks(eol).map((block) => Buffer.from(block).toString('latin1'));
    expect(blocksOf([Buffer.from(blocks(eol).join(''))])).toEqual(expected);
  });

  it.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('are the same however the bytes of %s are chunked', (_name, eol) => {
    const body = Buffer.from([...blocks(eol), `data: unfinished${eol}`].join(''));
    const whole = blocksOf([body]);
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed);
      const chunks: Buffer[] = [];
      for (let at = 0; at < body.length;) {
        const size = 1 + Math.floor(random() * 4);
        chunks.push(body.subarray(at, at + size));
        at += size;
      }
      expect(blocksOf(chunks), `seed ${seed}`).toEqual(whole);
    }
  });

  it('say when the next byte begins a block', () => {
    const splitter = new EventBlocks();
    splitter.feed(Buffer.from('data: x\r\n\r'));
    expect(splitter.atStart).toBe(true);
    splitter.feed(Buffer.from('\n'));
    expect(splitter.atStart).toBe(true);
    splitter.feed(Buffer.from('d'));
    expect(splitter.atStart).toBe(false);
  });
});

describe('an event', () => {
  it('has its type and its joined data', () => {
    const block = Buffer.from('event: orders:created\nid: 4\ndata: {"a":\ndata:1}\ndata\n\n');
    expect(readEvent(block)).toEqual({ event: 'orders:created', data: '{"a":\n1}\n' });
    expect(readEvent(Buffer.from('data: x\r\n\r\n'))).toEqual({ event: 'message', data: 'x' });
  });

  it.each(['\n', ': data: x\n\n', 'id: 5\n\n', 'event: x\nretry: 4\n\n', 'datax: 1\n\n'])(
    'is not in %j',
    (block) => expect(readEvent(Buffer.from(block))).toBeUndefined(),
  );

  it.each(['data: x\n\n', 'data: x\r\r', 'data: x\r\n\r\n', 'data\n\n'])(
    'is never cut before its first byte or after its last line: %j',
    (text) => {
      const block = Buffer.from(text);
      const lastLine = text.endsWith('\r\n') ? block.length - 2 : block.length - 1;
      expect(cutPosition(block, 0)).toBe(1);
      expect(cutPosition(block, 1)).toBe(lastLine);
      expect(cutPosition(block, 0.5)).toBe(Math.round(lastLine / 2));
    },
  );
});
