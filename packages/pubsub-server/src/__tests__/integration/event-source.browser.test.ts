import { afterEach, describe, expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';

// The browser's own EventSource, without a line of ours, over two channels.

const within = { timeout: 20_000, interval: 20 };
const open: { readonly app: string; readonly source: EventSource }[] = [];

afterEach(async () => {
  for (const { app, source } of open.splice(0)) {
    source.close();
    await commands.stopApp(app);
  }
});

interface Heard {
  readonly app: string;
  readonly source: EventSource;
  readonly texts: string[];
  readonly outcomes: string[];
}

async function listen(): Promise<Heard> {
  const { app, url } = await commands.startApp({ heartbeatMs: 500 });
  const source = new EventSource(`${url}/pubsub/stream?channel=orders&channel=chat/42`);
  open.push({ app, source });
  const heard: Heard = { app, source, texts: [], outcomes: [] };
  source.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const { name, payload } = JSON.parse(data) as {
      name: string;
      payload: { orderId?: string; text?: string };
    };
    heard.texts.push(`${name} ${payload.orderId ?? payload.text}`);
  });
  source.addEventListener('attached', ({ data }: MessageEvent<string>) => {
    const { channel, outcome } = JSON.parse(data) as { channel: string; outcome: string };
    heard.outcomes.push(`${channel} ${outcome}`);
  });
  await vi.waitFor(() => expect(heard.outcomes).toHaveLength(2), within);
  return heard;
}

describe("the browser's EventSource over two channels", () => {
  test('resumes by its Last-Event-ID without loss or repeat', async () => {
    const { app, texts, outcomes } = await listen();
    await commands.publish(app, 'orders', ['1', '2']);
    await commands.publish(app, 'chat/42', ['a']);
    await vi.waitFor(() => expect(texts).toHaveLength(3), within);
    await commands.fault(app, 'refuse', [true]);
    await commands.fault(app, 'cut');
    await commands.publish(app, 'orders', ['3']);
    await commands.publish(app, 'chat/42', ['b', 'c']);
    await commands.fault(app, 'refuse', [false]);
    await vi.waitFor(() => expect(texts).toHaveLength(6), within);
    await commands.publish(app, 'orders', ['4']);
    await vi.waitFor(() => expect(texts).toHaveLength(7), within);
    expect(texts.filter((text) => text.startsWith('orders'))).toEqual(
      ['1', '2', '3', '4'].map((id) => `orders:created ${id}`),
    );
    expect(texts.filter((text) => text.startsWith('chat'))).toEqual(
      ['a', 'b', 'c'].map((text) => `chat:said ${text}`),
    );
    expect(outcomes.slice(2).toSorted()).toEqual(['chat/42 recovered', 'orders recovered']);
  });

  test('resumes also when it was cut before its first event', async () => {
    const { app, texts, outcomes } = await listen();
    await commands.fault(app, 'refuse', [true]);
    await commands.fault(app, 'cut');
    await commands.publish(app, 'orders', ['1', '2']);
    await commands.publish(app, 'chat/42', ['a']);
    await commands.fault(app, 'refuse', [false]);
    await vi.waitFor(() => expect(texts).toHaveLength(3), within);
    expect(texts.toSorted()).toEqual(['chat:said a', 'orders:created 1', 'orders:created 2']);
    expect(outcomes.slice(2).toSorted()).toEqual(['chat/42 recovered', 'orders recovered']);
  });
});
