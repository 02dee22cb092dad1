import { act, cleanup, render, renderHook } from '@testing-library/react';
import {
  createClient,
  type ConnectionStatus,
  type PubSubClient,
  type Recovery,
} from '@hipponot/pubsub-client';
import { StrictMode, type ReactElement, type ReactNode } from 'react';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { contract } from '../test-contract.ts';
import { hooks } from './hooks-of-contract.ts';

/** What the tests need of a server in another process, behind a fault proxy. */
export interface AppServers {
  startApp(options?: { heartbeatMs?: number }): Promise<{ app: string; url: string }>;
  publish(app: string, channel: string, texts: string[]): Promise<void>;
  killApp(app: string): Promise<void>;
  restartApp(app: string): Promise<void>;
  stopApp(app: string): Promise<void>;
  fault(
    app: string,
    method: 'cut' | 'refuse' | 'stall' | 'heal',
    args?: unknown[],
  ): Promise<unknown>;
  requestsTo(app: string, path: string): Promise<number>;
}

type Client = PubSubClient<typeof contract>;
const { PubSubProvider, useChannel, useConnection, useEmit, useEvent } = hooks;
const within = { timeout: 15_000, interval: 20 };

function until(check: () => void): Promise<void> {
  return vi.waitFor(check, within);
}

/** The hooks on the real client and a real server: the same tests from Node and from a real browser. */
export function registerServerTests(servers: AppServers): void {
  const clients: Client[] = [];
  const apps: string[] = [];

  async function start(): Promise<{ app: string; url: string; client: Client }> {
    const { app, url } = await servers.startApp();
    apps.push(app);
    return { app, url, client: connect(url) };
  }

  function connect(url: string): Client {
    const client = createClient<typeof contract>({
      url: `${url}/pubsub`,
      backoff: { baseMs: 20, maxMs: 100 },
    });
    clients.push(client);
    return client;
  }

  function strictly(client: Client): (props: { children: ReactNode }) => ReactElement {
    return ({ children }) => (
      <StrictMode>
        <PubSubProvider client={client}>{children}</PubSubProvider>
      </StrictMode>
    );
  }

  describe('hooks on a real server', { timeout: 30_000 }, () => {
    afterEach(async () => {
      cleanup();
      for (const client of clients.splice(0)) client.close();
      for (const app of apps.splice(0)) await servers.stopApp(app);
    });

    test('under StrictMode one attach brings each event once', async () => {
      const { app, client } = await start();
      const heard: string[] = [];
      const { result } = renderHook(
        () => {
          useEvent('orders:created', (event) => heard.push(event.payload.orderId));
          return useChannel('orders');
        },
        { wrapper: strictly(client) },
      );
      await until(() => expect(result.current.status).toBe('live'));
      await servers.publish(app, 'orders', ['1', '2', '3']);
      await until(() => expect(result.current.events).toHaveLength(3));
      expect(result.current.events.map(orderId)).toEqual(['1', '2', '3']);
      expect(result.current.recovery).toMatchObject({ outcome: 'fresh', replayed: 0 });
      expect(heard).toEqual(['1', '2', '3']);
      expect(await servers.requestsTo(app, '/stream')).toBe(1);
      expect(await servers.requestsTo(app, '/subscriptions')).toBe(0);
    });

    test('unmount and remount at once cost no second attach, and lose nothing in between', async () => {
      const { app, client } = await start();
      const first = renderHook(() => useChannel('orders', { history: 10 }), {
        wrapper: strictly(client),
      });
      await until(() => expect(first.result.current.status).toBe('live'));
      await servers.publish(app, 'orders', ['1']);
      await until(() => expect(first.result.current.events).toHaveLength(1));
      first.unmount();
      const second = renderHook(() => useChannel('orders', { history: 10 }), {
        wrapper: strictly(client),
      });
      expect(second.result.current.status).toBe('live');
      expect(second.result.current.events.map(orderId)).toEqual(['1']);
      await servers.publish(app, 'orders', ['2']);
      await until(() => expect(second.result.current.events.map(orderId)).toEqual(['1', '2']));
      expect(await servers.requestsTo(app, '/stream')).toBe(1);
    });

    test('history begins with events from before', async () => {
      const { app, client } = await start();
      await servers.publish(app, 'orders', ['1', '2', '3']);
      const { result } = renderHook(() => useChannel('orders', { history: 2 }), {
        wrapper: strictly(client),
      });
      await until(() => expect(result.current.status).toBe('live'));
      await until(() => expect(result.current.events.map(orderId)).toEqual(['2', '3']));
    });

    test('two providers on one page have a stream each', async () => {
      const { app, url, client } = await start();
      const Reader = ({ side }: { side: string }): ReactElement => {
        const { events, status } = useChannel('orders');
        return <i data-testid={side}>{`${status} ${events.map(orderId).join()}`}</i>;
      };
      const { getByTestId } = render(
        <>
          <PubSubProvider client={client}>
            <Reader side="left" />
          </PubSubProvider>
          <PubSubProvider client={connect(url)}>
            <Reader side="right" />
          </PubSubProvider>
        </>,
      );
      for (const side of ['left', 'right']) {
        await until(() => expect(getByTestId(side).textContent).toBe('live '));
      }
      await servers.publish(app, 'orders', ['1']);
      for (const side of ['left', 'right']) {
        await until(() => expect(getByTestId(side).textContent).toBe('live 1'));
      }
      expect(await servers.requestsTo(app, '/stream')).toBe(2);
    });

    test('what was published while the connection was cut arrives once, in order, and recovery says so', async () => {
      const { app, client } = await start();
      const states: ConnectionStatus['state'][] = [];
      const { result } = renderHook(
        () => {
          const { state } = useConnection();
          if (states.at(-1) !== state) states.push(state);
          return useChannel('orders');
        },
        { wrapper: strictly(client) },
      );
      await until(() => expect(result.current.status).toBe('live'));
      await servers.publish(app, 'orders', ['1']);
      await until(() => expect(result.current.events).toHaveLength(1));
      await servers.fault(app, 'refuse', [true]);
      await servers.fault(app, 'cut');
      await until(() => expect(states.at(-1)).toBe('reconnecting'));
      await servers.publish(app, 'orders', ['2', '3', '4']);
      await servers.fault(app, 'refuse', [false]);
      await until(() => expect(result.current.events).toHaveLength(4));
      expect(result.current.events.map(orderId)).toEqual(['1', '2', '3', '4']);
      await until(() => expect(result.current.status).toBe('live'));
      expect(result.current.recovery).toMatchObject({ outcome: 'recovered', replayed: 3 });
      expect(states).toEqual(['idle', 'connecting', 'connected', 'reconnecting', 'connected']);
    });

    test('a server that forgot everything is told to onGap as a reset, before the next event', async () => {
      const { app, client } = await start();
      const told: string[] = [];
      const onGap = (recovery: Recovery): void => void told.push(recovery.outcome);
      const { result } = renderHook(
        () => {
          useEvent('orders:created', (event) => told.push(event.payload.orderId));
          return useChannel('orders', { onGap });
        },
        { wrapper: strictly(client) },
      );
      await until(() => expect(result.current.status).toBe('live'));
      await servers.publish(app, 'orders', ['1']);
      await until(() => expect(told).toEqual(['1']));
      await servers.killApp(app);
      await servers.restartApp(app);
      await until(() => expect(result.current.recovery?.outcome).toBe('reset'));
      await servers.publish(app, 'orders', ['2']);
      await until(() => expect(told).toEqual(['1', 'reset', '2']));
    });

    function chat(client: Client): { current: ReturnType<typeof useChat>; shown: string[] } {
      const shown: string[] = [];
      const { result } = renderHook(
        () => {
          const view = useChat();
          const line = view.chat.events
            .map(({ meta }) => (meta?.['optimistic'] ? 'own' : 'echo'))
            .join();
          if (shown.at(-1) !== line) shown.push(line);
          return view;
        },
        { wrapper: strictly(client) },
      );
      return {
        shown,
        get current() {
          return result.current;
        },
      };
    }

    test('an emit shows at once, and its echo takes the same place', async () => {
      const { app, client } = await start();
      const view = chat(client);
      await until(() => expect(view.current.chat.status).toBe('live'));
      // The server is out of hearing until the own event was seen.
      await servers.fault(app, 'stall', [true]);
      act(() => view.current.say.emit({ text: 'hello' }));
      expect(view.current.say).toMatchObject({ status: 'sending', isPending: true });
      await until(() => expect(view.current.chat.events).toHaveLength(1));
      const own = view.current.chat.events[0];
      expect(own).toMatchObject({ payload: { text: 'hello' }, meta: { optimistic: true } });
      await servers.fault(app, 'heal');
      await until(() => expect(view.current.say.status).toBe('confirmed'));
      await until(() => expect(view.shown).toEqual(['', 'own', 'echo']));
      expect(view.current.chat.events.map(({ id }) => id)).toEqual([own?.id]);
      expect(view.current.say.isPending).toBe(false);
    });

    test('an emit the server refuses is taken out again, with the reason', async () => {
      const { app, client } = await start();
      const view = chat(client);
      await until(() => expect(view.current.chat.status).toBe('live'));
      await servers.fault(app, 'stall', [true]);
      act(() => view.current.say.emit({ text: 'x'.repeat(201) }));
      await until(() => expect(view.shown).toEqual(['', 'own']));
      await servers.fault(app, 'heal');
      await until(() => expect(view.current.say.status).toBe('rejected'));
      expect(view.current.say.error).toMatchObject({
        code: 'bad_payload',
        path: ['payload', 'text'],
      });
      await until(() => expect(view.shown).toEqual(['', 'own', '']));
    });

    test('emitAsync gives the ack, and throws what was refused', async () => {
      const { client } = await start();
      const view = chat(client);
      await until(() => expect(view.current.chat.status).toBe('live'));
      await act(async () => {
        await expect(
          view.current.say.emitAsync({ text: 'hi' }, { id: 'my-id' }),
        ).resolves.toMatchObject({
          id: 'my-id',
          duplicate: false,
        });
        await expect(view.current.say.emitAsync({ text: 'x'.repeat(201) })).rejects.toMatchObject({
          code: 'bad_payload',
        });
      });
    });
  });
}

function useChat() {
  return {
    chat: useChannel('chat/42'),
    say: useEmit('chat:said', { channel: 'chat/42' }),
  };
}

function orderId({ payload }: { payload: { orderId?: string } }): string | undefined {
  return payload.orderId;
}
