import { act, render, renderHook } from '@testing-library/react';
import { Profiler, StrictMode, type ReactElement, type ReactNode } from 'react';
import { describe, expect, test } from 'vitest';
import { FakeClient } from '../mocks/fake-client.ts';
import { controlFrames, nextFrame } from './frames.ts';
import { hooks } from './hooks-of-contract.ts';

const { PubSubProvider, useEvent } = hooks;

function within(client: FakeClient): (props: { children: ReactNode }) => ReactElement {
  return ({ children }) => <PubSubProvider client={client.typed}>{children}</PubSubProvider>;
}

export function eventTests(): void {
  describe('useEvent', () => {
    controlFrames();

    test('calls the handler at once, with no frame in between', () => {
      const client = new FakeClient();
      const heard: string[] = [];
      renderHook(() => useEvent('orders:created', (event) => heard.push(event.payload.orderId)), {
        wrapper: within(client),
      });
      client.channel('orders').deliver('orders:created', { orderId: '1', total: 1 });
      expect(heard).toEqual(['1']);
    });

    test('hears its own name only', () => {
      const client = new FakeClient();
      const heard: string[] = [];
      renderHook(() => useEvent('orders:created', (event) => heard.push(event.name)), {
        wrapper: within(client),
      });
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      client.channel('orders').deliver('orders:created', { orderId: '2', total: 1 });
      expect(heard).toEqual(['orders:created']);
    });

    test('5,000 events give no commit', () => {
      const client = new FakeClient();
      let commits = 0;
      let heard = 0;
      const Listener = (): null => {
        useEvent('orders:created', () => (heard += 1));
        return null;
      };
      render(
        <Profiler id="all" onRender={() => (commits += 1)}>
          <PubSubProvider client={client.typed}>
            <Listener />
          </PubSubProvider>
        </Profiler>,
      );
      act(() => {
        for (let id = 0; id < 5000; id += 1)
          client.channel('orders').deliver('orders:created', { orderId: `${id}`, total: 1 });
      });
      nextFrame();
      expect(heard).toBe(5000);
      expect(commits).toBe(1);
    });

    test('calls the handler of the last render, on the subscription of the first', () => {
      const client = new FakeClient();
      const heard: string[] = [];
      const { rerender } = renderHook(
        ({ prefix }) =>
          useEvent('orders:created', (event) => heard.push(prefix + event.payload.orderId)),
        { wrapper: within(client), initialProps: { prefix: 'a' } },
      );
      client.channel('orders').deliver('orders:created', { orderId: '1', total: 1 });
      rerender({ prefix: 'b' });
      client.channel('orders').deliver('orders:created', { orderId: '2', total: 1 });
      expect(heard).toEqual(['a1', 'b2']);
      expect(client.channel('orders').attaches).toBe(1);
    });

    test('listens on the channel it is given, and moves with it', () => {
      const client = new FakeClient();
      const heard: string[] = [];
      const { rerender } = renderHook(
        ({ room }) =>
          useEvent('chat:said', { channel: `chat/${room}` }, (event) =>
            heard.push(event.payload.text),
          ),
        { wrapper: within(client), initialProps: { room: '1' } },
      );
      client.channel('chat/1').deliver('chat:said', { text: 'one' });
      rerender({ room: '2' });
      client.channel('chat/1').deliver('chat:said', { text: 'not heard' });
      client.channel('chat/2').deliver('chat:said', { text: 'two' });
      expect(heard).toEqual(['one', 'two']);
      expect(client.channel('chat/1').listeners).toBe(0);
    });

    test('disabled or unmounted it holds no subscription', () => {
      const client = new FakeClient();
      const heard: string[] = [];
      const { rerender, unmount } = renderHook(
        ({ enabled }) =>
          useEvent('orders:created', { enabled }, (event) => heard.push(event.payload.orderId)),
        { wrapper: within(client), initialProps: { enabled: false } },
      );
      client.channel('orders').deliver('orders:created', { orderId: '1', total: 1 });
      rerender({ enabled: true });
      client.channel('orders').deliver('orders:created', { orderId: '2', total: 1 });
      unmount();
      client.channel('orders').deliver('orders:created', { orderId: '3', total: 1 });
      expect(heard).toEqual(['2']);
      expect(client.channel('orders').listeners).toBe(0);
    });

    test('under StrictMode each event is heard once', () => {
      const client = new FakeClient();
      const heard: string[] = [];
      renderHook(() => useEvent('orders:created', (event) => heard.push(event.payload.orderId)), {
        wrapper: ({ children }) => <StrictMode>{within(client)({ children })}</StrictMode>,
      });
      client.channel('orders').deliver('orders:created', { orderId: '1', total: 1 });
      expect(heard).toEqual(['1']);
    });
  });
}
