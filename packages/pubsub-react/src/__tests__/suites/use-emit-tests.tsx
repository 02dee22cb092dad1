import { act, render, renderHook } from '@testing-library/react';
import { PubSubError } from '@hipponot/pubsub-core';
import { StrictMode, type ReactElement, type ReactNode } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { FakeClient } from '../mocks/fake-client.ts';
import { controlFrames } from './frames.ts';
import { hooks } from './hooks-of-contract.ts';

const { PubSubProvider, useEmit } = hooks;
const order = { orderId: '1', total: 9.5 };
const idle = { status: 'idle', isPending: false, data: undefined, error: undefined };
const receipt = { id: 'e', result: { success: true }, duplicate: false };

function within(client: FakeClient): (props: { children: ReactNode }) => ReactElement {
  return ({ children }) => (
    <StrictMode>
      <PubSubProvider client={client.typed}>{children}</PubSubProvider>
    </StrictMode>
  );
}

export function emitTests(): void {
  describe('useEmit', () => {
    controlFrames();

    test('goes from idle over sending to confirmed, with what the action answered', async () => {
      const client = new FakeClient();
      const { result } = renderHook(() => useEmit('orders:created'), { wrapper: within(client) });
      expect(result.current).toMatchObject(idle);
      act(() => result.current.emit(order));
      expect(result.current).toMatchObject({ ...idle, status: 'sending', isPending: true });
      await act(async () => client.emits[0]?.resolve(receipt));
      expect(result.current).toMatchObject({
        ...idle,
        status: 'confirmed',
        data: { success: true },
      });
      expect(client.emits).toMatchObject([{ name: 'orders:created', payload: order }]);
    });

    test('shows why the server refused, and emit itself never throws', async () => {
      const client = new FakeClient();
      const error = new PubSubError('forbidden', 'Not here.');
      const { result } = renderHook(() => useEmit('orders:created'), { wrapper: within(client) });
      act(() => result.current.emit(order));
      await act(async () => client.emits[0]?.reject(error));
      expect(result.current).toMatchObject({ ...idle, status: 'rejected', error });
      act(() => result.current.reset());
      expect(result.current).toMatchObject(idle);
    });

    test('emitAsync gives the receipt or the error', async () => {
      const client = new FakeClient();
      const { result } = renderHook(() => useEmit('orders:created'), { wrapper: within(client) });
      const error = new PubSubError('timeout', 'No answer.', { retryable: true });
      await act(async () => {
        const good = result.current.emitAsync(order);
        client.emits[0]?.resolve(receipt);
        await expect(good).resolves.toEqual(receipt);
        const bad = result.current.emitAsync(order);
        client.emits[1]?.reject(error);
        await expect(bad).rejects.toBe(error);
      });
      expect(result.current).toMatchObject({ ...idle, status: 'failed', error });
    });

    test('sends to the channel and with the id it is given', () => {
      const client = new FakeClient();
      const { result } = renderHook(() => useEmit('chat:said', { channel: 'chat/42' }), {
        wrapper: within(client),
      });
      act(() => result.current.emit({ text: 'hello' }, { id: 'mine' }));
      expect(client.emits).toMatchObject([{ channel: 'chat/42', id: 'mine' }]);
    });

    test('its functions stay the same while state and parents change', async () => {
      const client = new FakeClient();
      const { result, rerender } = renderHook(() => useEmit('orders:created'), {
        wrapper: within(client),
      });
      const { emit, emitAsync, reset } = result.current;
      act(() => emit(order));
      await act(async () => client.emits[0]?.resolve(receipt));
      rerender();
      expect(result.current.status).toBe('confirmed');
      expect([result.current.emit, result.current.emitAsync, result.current.reset]).toEqual([
        emit,
        emitAsync,
        reset,
      ]);
      expect(result.current.emit).toBe(emit);
    });

    test('shows the last of several emits, in whatever order the answers come', async () => {
      const client = new FakeClient();
      const { result } = renderHook(() => useEmit('orders:created'), { wrapper: within(client) });
      act(() => {
        result.current.emit(order);
        result.current.emit(order);
      });
      await act(async () => client.emits[1]?.resolve({ ...receipt, result: { success: false } }));
      await act(async () => client.emits[0]?.resolve(receipt));
      expect(result.current.data).toEqual({ success: false });
    });

    test('two components that emit the same event have a state each', () => {
      const client = new FakeClient();
      const states: Record<string, string> = {};
      const emits: Record<string, () => void> = {};
      const Button = ({ id }: { id: string }): null => {
        const { emit, status } = useEmit('orders:created');
        states[id] = status;
        emits[id] = () => emit(order);
        return null;
      };
      render(
        <>
          <Button id="a" />
          <Button id="b" />
        </>,
        { wrapper: within(client) },
      );
      act(() => emits['a']?.());
      expect(states).toEqual({ a: 'sending', b: 'idle' });
    });

    test('an answer after unmount troubles nobody', async () => {
      const complaints = vi.spyOn(console, 'error');
      const client = new FakeClient();
      const { result, unmount } = renderHook(() => useEmit('orders:created'), {
        wrapper: within(client),
      });
      act(() => result.current.emit(order));
      unmount();
      client.emits[0]?.reject(new PubSubError('forbidden', 'Not here.'));
      await act(async () => {});
      result.current.emit(order);
      expect(client.emits).toHaveLength(2);
      expect(complaints).not.toHaveBeenCalled();
    });
  });
}
