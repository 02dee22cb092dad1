// @vitest-environment node
import { renderToString } from 'react-dom/server';
import type { ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { FakeClient } from '../mocks/fake-client.ts';
import { hooks } from '../suites/hooks-of-contract.ts';

const { PubSubProvider, useChannel, useConnection, useEmit, useEvent } = hooks;

function Page(): ReactElement {
  const { events, status } = useChannel('orders', { history: 10, onGap: () => {} });
  const { state } = useConnection();
  const create = useEmit('orders:created');
  useEvent('chat:said', { channel: 'chat/42' }, () => {});
  return <p>{`${events.length} ${status} ${state} ${create.status}`}</p>;
}

test('on the server every hook shows its idle state, and nothing is subscribed or warned about', () => {
  const warnings = vi.spyOn(console, 'error');
  const client = new FakeClient();
  client.setConnection({ state: 'connected', since: 0, streamId: 's' });
  client.channel('orders', { history: 10 }).deliver('orders:shipped', { orderId: '1' });
  const html = renderToString(
    <PubSubProvider client={client.typed}>
      <Page />
    </PubSubProvider>,
  );
  expect(html).toBe('<p>0 unsubscribed idle idle</p>');
  expect([...client.channels.values()].map(({ attaches }) => attaches)).toEqual([0]);
  expect(client.connectionListeners).toBe(0);
  expect(client.emits).toEqual([]);
  expect(warnings).not.toHaveBeenCalled();
});
