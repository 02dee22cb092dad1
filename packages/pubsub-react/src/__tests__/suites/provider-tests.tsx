import { act, render, renderHook, screen } from '@testing-library/react';
import { PubSubError } from '@hipponot/pubsub-core';
import { StrictMode, type ReactElement } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { createPubSubHooks } from '../../create-pubsub-hooks.ts';
import * as globalHooks from '../../registered-hooks.ts';
import { FakeClient } from '../mocks/fake-client.ts';
import type { contract } from '../test-contract.ts';
import { controlFrames, nextFrame } from './frames.ts';
import { hooks } from './hooks-of-contract.ts';

const { PubSubProvider, useChannel, useConnection, useEmit, useEvent, usePubSubClient } = hooks;

function Count({ id }: { id: string }): ReactElement {
  return <i data-testid={id}>{useChannel('orders').events.length}</i>;
}

export function providerTests(): void {
  describe('PubSubProvider', () => {
    controlFrames();

    test('hands down the client it was given, and leaves it alone', () => {
      const client = new FakeClient();
      const { result, unmount } = renderHook(() => usePubSubClient(), {
        wrapper: ({ children }) => (
          <PubSubProvider client={client.typed}>{children}</PubSubProvider>
        ),
      });
      expect(result.current).toBe(client);
      unmount();
      expect(client.channels.size).toBe(0);
    });

    test('two of them side by side have a client each', () => {
      const [left, right] = [new FakeClient(), new FakeClient()];
      render(
        <>
          <PubSubProvider client={left.typed}>
            <Count id="left" />
          </PubSubProvider>
          <PubSubProvider client={right.typed}>
            <Count id="right" />
          </PubSubProvider>
        </>,
      );
      left.channel('orders').deliver('orders:shipped', { orderId: '1' });
      nextFrame();
      expect(screen.getByTestId('left').textContent).toBe('1');
      expect(screen.getByTestId('right').textContent).toBe('0');
    });

    test('the nearest of two nested ones counts', () => {
      const [outer, inner] = [new FakeClient(), new FakeClient()];
      render(
        <PubSubProvider client={outer.typed}>
          <Count id="outer" />
          <PubSubProvider client={inner.typed}>
            <Count id="inner" />
          </PubSubProvider>
        </PubSubProvider>,
      );
      inner.channel('orders').deliver('orders:shipped', { orderId: '1' });
      nextFrame();
      expect(screen.getByTestId('outer').textContent).toBe('0');
      expect(screen.getByTestId('inner').textContent).toBe('1');
    });

    test('providers of two contracts nest, and each set of hooks finds its own', () => {
      const other = createPubSubHooks<typeof contract>();
      const [mine, theirs] = [new FakeClient(), new FakeClient()];
      const Both = (): string =>
        `${useChannel('orders').events.length} ${other.useChannel('orders').events.length}`;
      const { container } = render(
        <PubSubProvider client={mine.typed}>
          <other.PubSubProvider client={theirs.typed}>
            <Both />
          </other.PubSubProvider>
        </PubSubProvider>,
      );
      mine.channel('orders').deliver('orders:shipped', { orderId: '1' });
      nextFrame();
      expect(container.textContent).toBe('1 0');
    });

    test('another client means the channels of the other client, at once', () => {
      const [first, second] = [new FakeClient(), new FakeClient()];
      first.channel('orders').deliver('orders:shipped', { orderId: '1' });
      const { rerender } = render(
        <PubSubProvider client={first.typed}>
          <Count id="count" />
        </PubSubProvider>,
      );
      rerender(
        <PubSubProvider client={second.typed}>
          <Count id="count" />
        </PubSubProvider>,
      );
      expect(screen.getByTestId('count').textContent).toBe('0');
      expect(first.channel('orders').listeners).toBe(0);
      expect(second.channel('orders').listeners).toBe(1);
    });

    test('the global hooks find the client of the global provider', () => {
      const client = new FakeClient();
      const { result } = renderHook(
        () => [globalHooks.usePubSubClient(), globalHooks.useConnection().state],
        {
          wrapper: ({ children }) => (
            <globalHooks.PubSubProvider client={client.typed as never}>
              {children}
            </globalHooks.PubSubProvider>
          ),
        },
      );
      expect(result.current).toEqual([client, 'idle']);
    });

    const withoutProvider: Record<string, () => unknown> = {
      useChannel: () => useChannel('orders'),
      useEvent: () => useEvent('orders:created', () => {}),
      useEmit: () => useEmit('orders:created'),
      useConnection: () => useConnection(),
      usePubSubClient: () => usePubSubClient(),
    };
    test.each(Object.entries(withoutProvider))(
      '%s without a provider says so, and what to do',
      (name, hook) => {
        vi.spyOn(console, 'error').mockReturnValue();
        let thrown: unknown;
        try {
          renderHook(hook);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(PubSubError);
        expect(thrown).toMatchObject({ code: 'bad_options' });
        expect(String(thrown)).toContain(
          `${name} found no client: render it inside <PubSubProvider client={client}>`,
        );
      },
    );
  });

  describe('useConnection', () => {
    controlFrames();

    test('shows each state of the connection with its data, and leaves with the component', () => {
      const client = new FakeClient();
      const { result, unmount } = renderHook(() => useConnection(), {
        wrapper: ({ children }) => (
          <StrictMode>
            <PubSubProvider client={client.typed}>{children}</PubSubProvider>
          </StrictMode>
        ),
      });
      expect(result.current).toEqual({ state: 'idle' });
      act(() => client.setConnection({ state: 'reconnecting', attempt: 2, retryAt: 42 }));
      expect(result.current).toEqual({ state: 'reconnecting', attempt: 2, retryAt: 42 });
      unmount();
      expect(client.connectionListeners).toBe(0);
    });

    test('is not disturbed by events', () => {
      const client = new FakeClient();
      let renders = 0;
      renderHook(
        () => {
          renders += 1;
          return useConnection();
        },
        {
          wrapper: ({ children }) => (
            <PubSubProvider client={client.typed}>{children}</PubSubProvider>
          ),
        },
      );
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      nextFrame();
      expect(renders).toBe(1);
    });
  });
}
