import { act, fireEvent, render, renderHook, screen } from '@testing-library/react';
import type { Recovery } from '@hipponot/pubsub-client';
import { memo, Profiler, StrictMode, useState, type ReactElement, type ReactNode } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { FakeClient } from '../mocks/fake-client.ts';
import { afterTimers, controlFrames, nextFrame, settle } from './frames.ts';
import { hooks } from './hooks-of-contract.ts';

const { PubSubProvider, useChannel } = hooks;

function within(client: FakeClient): (props: { children: ReactNode }) => ReactElement {
  return ({ children }) => <PubSubProvider client={client.typed}>{children}</PubSubProvider>;
}

const gap: Recovery = { outcome: 'gap', replayed: 0, reason: 'trimmed' };

export function channelTests(): void {
  describe('useChannel', () => {
    controlFrames();

    test('shows events, latest, status, recovery and error of the channel', () => {
      const client = new FakeClient();
      const { result } = renderHook(() => useChannel('orders'), { wrapper: within(client) });
      expect(result.current).toEqual({
        events: [],
        latest: undefined,
        status: 'unsubscribed',
        recovery: undefined,
        error: undefined,
      });
      const recovery: Recovery = { outcome: 'recovered', replayed: 2 };
      client.channel('orders').change({ status: 'live', recovery });
      const event = client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      nextFrame();
      expect(result.current).toEqual({
        events: [event],
        latest: event,
        status: 'live',
        recovery,
        error: undefined,
      });
    });

    test('hands history and limit to the store, and takes another store when they change', () => {
      const client = new FakeClient();
      const { rerender } = renderHook(({ limit }) => useChannel('orders', { history: 5, limit }), {
        wrapper: within(client),
        initialProps: { limit: 10 },
      });
      expect([...client.channels.values()].map(({ options }) => options)).toEqual([
        { history: 5, limit: 10 },
      ]);
      rerender({ limit: 20 });
      expect(client.channel('orders', { history: 5, limit: 10 }).listeners).toBe(0);
      expect(client.channel('orders', { history: 5, limit: 20 }).listeners).toBe(1);
    });

    test('commits what arrived between two frames at once, when the frame comes', () => {
      const client = new FakeClient();
      const seen: number[] = [];
      renderHook(() => seen.push(useChannel('orders').events.length), { wrapper: within(client) });
      act(() => {
        for (let id = 0; id < 3; id += 1)
          client.channel('orders').deliver('orders:shipped', { orderId: `${id}` });
      });
      expect(seen).toEqual([0]);
      nextFrame();
      expect(seen).toEqual([0, 3]);
    });

    test('does not re-render when it is told of a change that changed nothing', () => {
      const client = new FakeClient();
      let renders = 0;
      renderHook(
        () => {
          renders += 1;
          return useChannel('orders');
        },
        { wrapper: within(client) },
      );
      client.channel('orders').notify();
      nextFrame();
      expect(renders).toBe(1);
    });

    test('5,000 events a second on two channels give at most one commit a frame', async () => {
      const client = new FakeClient();
      let commits = 0;
      const Reader = (): string => {
        const orders = useChannel('orders');
        const chat = useChannel('chat/42');
        return `${orders.events.length} ${chat.events.length}`;
      };
      const Neighbour = memo((): string => `${useChannel('orders').events.length}`);
      const { container } = render(
        <Profiler id="all" onRender={() => (commits += 1)}>
          <PubSubProvider client={client.typed}>
            <Reader />
            <Neighbour />
          </PubSubProvider>
        </Profiler>,
      );
      const perFrame: number[] = [];
      const frames = 60;
      const everyFrame = Math.ceil(5000 / frames / 2);
      for (let frame = 0; frame < frames; frame += 1) {
        const before = commits;
        for (let index = 0; index < everyFrame; index += 1) {
          client.channel('orders').deliver('orders:shipped', { orderId: 'x' });
          client.channel('chat/42').deliver('chat:said', { text: 'x' });
          // React gets its chance to commit after each event, as it does between two network chunks.
          await settle();
        }
        expect(commits).toBe(before);
        vi.advanceTimersToNextFrame();
        await settle();
        perFrame.push(commits - before);
      }
      expect(perFrame).toEqual(perFrame.map(() => 1));
      expect(container.textContent).toBe(
        `${frames * everyFrame} ${frames * everyFrame}${frames * everyFrame}`,
      );
    });

    test('readers of one channel agree also when one of them re-renders between frames', () => {
      const client = new FakeClient();
      const Poked = (): ReactElement => {
        const [pokes, setPokes] = useState(0);
        const { events } = useChannel('orders');
        return <button onClick={() => setPokes(pokes + 1)}>{`${pokes}:${events.length}`}</button>;
      };
      const Still = (): ReactElement => (
        <i data-testid="still">{useChannel('orders').events.length}</i>
      );
      render(
        <>
          <Poked />
          <Still />
        </>,
        { wrapper: within(client) },
      );
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      fireEvent.click(screen.getByRole('button'));
      expect(screen.getByRole('button').textContent).toBe('1:0');
      expect(screen.getByTestId('still').textContent).toBe('0');
      nextFrame();
      expect(screen.getByRole('button').textContent).toBe('1:1');
      expect(screen.getByTestId('still').textContent).toBe('1');
    });

    test('an event between render and subscribe is not missed', () => {
      const client = new FakeClient();
      let delivered = false;
      const { result } = renderHook(
        () => {
          const view = useChannel('orders');
          if (!delivered) {
            delivered = true;
            client.channel('orders').deliver('orders:shipped', { orderId: '1' });
          }
          return view;
        },
        { wrapper: within(client) },
      );
      expect(result.current.events).toHaveLength(1);
    });

    test('a channel switched between renders shows the new channel at once', () => {
      const client = new FakeClient();
      client.channel('chat/1').deliver('chat:said', { text: 'one' });
      client.channel('chat/2').deliver('chat:said', { text: 'two' });
      const shown: unknown[] = [];
      const { rerender } = renderHook(
        ({ room }) => shown.push(useChannel(`chat/${room}`).latest?.payload.text),
        { wrapper: within(client), initialProps: { room: '1' } },
      );
      rerender({ room: '2' });
      expect(shown).toEqual(['one', 'two']);
      expect(client.channel('chat/1').listeners).toBe(0);
      client.channel('chat/1').deliver('chat:said', { text: 'late' });
      nextFrame();
      expect(shown).toEqual(['one', 'two']);
    });

    test('a hidden page is told by a timer', () => {
      const client = new FakeClient();
      vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
      const frames = vi.spyOn(globalThis, 'requestAnimationFrame');
      const { result } = renderHook(() => useChannel('orders'), { wrapper: within(client) });
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      afterTimers();
      expect(result.current.events).toHaveLength(1);
      expect(frames).not.toHaveBeenCalled();
    });

    test('a page that is hidden while it waits for a frame is told by a timer', () => {
      const client = new FakeClient();
      vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
      const { result } = renderHook(() => useChannel('orders'), { wrapper: within(client) });
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      afterTimers();
      expect(result.current.events).toHaveLength(1);
    });

    test('a runtime without animation frames is told by a timer', () => {
      const client = new FakeClient();
      vi.stubGlobal('requestAnimationFrame', undefined);
      try {
        const { result } = renderHook(() => useChannel('orders'), { wrapper: within(client) });
        client.channel('orders').deliver('orders:shipped', { orderId: '1' });
        afterTimers();
        expect(result.current.events).toHaveLength(1);
      } finally {
        vi.unstubAllGlobals();
      }
    });

    test('onGap is the one of the last render, called before the next event', () => {
      const client = new FakeClient();
      const calls: string[] = [];
      const { rerender } = renderHook(
        ({ name }) =>
          useChannel('orders', { onGap: (recovery) => calls.push(`${name} ${recovery.outcome}`) }),
        { wrapper: within(client), initialProps: { name: 'first' } },
      );
      const { attaches } = client.channel('orders');
      rerender({ name: 'second' });
      client.channel('orders').lose(gap);
      expect(calls).toEqual(['second gap']);
      expect(client.channel('orders').attaches).toBe(attaches);
    });

    test('onGap may come and go', () => {
      const client = new FakeClient();
      const calls: Recovery[] = [];
      const onGap = (recovery: Recovery): number => calls.push(recovery);
      const { rerender } = renderHook(
        ({ listens }) => useChannel('orders', { onGap: listens ? onGap : undefined }),
        { wrapper: within(client), initialProps: { listens: false } },
      );
      expect(client.channel('orders').listeners).toBe(1);
      rerender({ listens: true });
      act(() => client.channel('orders').lose(gap));
      rerender({ listens: false });
      act(() => client.channel('orders').lose(gap));
      expect(calls).toEqual([gap]);
    });

    test('onGap speaks of the channel of the last render', () => {
      const client = new FakeClient();
      const calls: Recovery[] = [];
      const { rerender } = renderHook(
        ({ room }) => useChannel(`chat/${room}`, { onGap: (recovery) => calls.push(recovery) }),
        { wrapper: within(client), initialProps: { room: '1' } },
      );
      rerender({ room: '2' });
      act(() => client.channel('chat/1').lose({ ...gap, reason: 'not heard' }));
      act(() => client.channel('chat/2').lose(gap));
      expect(calls).toEqual([gap]);
    });

    test('disabled it holds no subscription, and shows the channel once enabled', () => {
      const client = new FakeClient();
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      const { result, rerender } = renderHook(
        ({ enabled }) => useChannel('orders', { enabled, onGap: () => {} }),
        { wrapper: within(client), initialProps: { enabled: false } },
      );
      expect(result.current.status).toBe('unsubscribed');
      expect(result.current.events).toEqual([]);
      expect(client.channel('orders').listeners).toBe(0);
      rerender({ enabled: true });
      expect(result.current.events).toHaveLength(1);
      rerender({ enabled: false });
      expect(client.channel('orders').listeners).toBe(0);
    });

    test('enabled again its first render shows what the store holds by now', () => {
      const client = new FakeClient();
      const shown: number[] = [];
      const { rerender } = renderHook(
        ({ enabled }) => shown.push(useChannel('orders', { enabled }).events.length),
        { wrapper: within(client), initialProps: { enabled: true } },
      );
      rerender({ enabled: false });
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      rerender({ enabled: true });
      expect(shown).toEqual([0, 0, 1]);
    });

    test('the last unmount leaves no listener, frame or timer, and a remount starts where the store is', () => {
      const client = new FakeClient();
      const first = renderHook(() => useChannel('orders', { onGap: () => {} }), {
        wrapper: within(client),
      });
      const second = renderHook(() => useChannel('orders'), { wrapper: within(client) });
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      first.unmount();
      expect(client.channel('orders').listeners).toBe(1);
      expect(vi.getTimerCount()).toBeGreaterThan(0);
      second.unmount();
      expect(client.channel('orders').listeners).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
      client.channel('orders').deliver('orders:shipped', { orderId: '2' });
      expect(vi.getTimerCount()).toBe(0);
      const again = renderHook(() => useChannel('orders'), { wrapper: within(client) });
      expect(again.result.current.events).toHaveLength(2);
    });

    test('StrictMode leaves as many subscriptions as components, and they work', () => {
      const client = new FakeClient();
      const { result, unmount } = renderHook(() => useChannel('orders', { onGap: () => {} }), {
        wrapper: ({ children }) => <StrictMode>{within(client)({ children })}</StrictMode>,
      });
      expect(client.channel('orders').listeners).toBe(2);
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      nextFrame();
      expect(result.current.events).toHaveLength(1);
      unmount();
      expect(client.channel('orders').listeners).toBe(0);
    });
  });
}
