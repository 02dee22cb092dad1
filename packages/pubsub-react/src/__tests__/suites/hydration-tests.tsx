import { act, render } from '@testing-library/react';
import type { ReactElement } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { FakeClient } from '../mocks/fake-client.ts';
import { controlFrames } from './frames.ts';
import { hooks } from './hooks-of-contract.ts';

const { PubSubProvider, useChannel, useConnection } = hooks;

function Page(): ReactElement {
  const { events, status } = useChannel('orders');
  return <p>{`${events.length} ${status} ${useConnection().state}`}</p>;
}

export function hydrationTests(): void {
  describe('hydration', () => {
    controlFrames();

    test('takes over the page of the server as it is, then shows what the client holds', () => {
      const complaints = vi.spyOn(console, 'error');
      const client = new FakeClient();
      client.setConnection({ state: 'connected', since: 0, streamId: 's' });
      client.channel('orders').deliver('orders:shipped', { orderId: '1' });
      const container = document.createElement('div');
      document.body.append(container);
      container.innerHTML = '<p>0 unsubscribed idle</p>';
      const served = container.firstChild;
      act(() => {
        render(
          <PubSubProvider client={client.typed}>
            <Page />
          </PubSubProvider>,
          { container, hydrate: true },
        );
      });
      expect(container.firstChild).toBe(served);
      expect(container.textContent).toBe('1 unsubscribed connected');
      expect(complaints).not.toHaveBeenCalled();
    });
  });
}
