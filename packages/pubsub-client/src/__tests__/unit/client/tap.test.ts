import { expect, test, vi } from 'vitest';
import type { TapRecord } from '../../../tap.ts';
import { settle } from '../../mocks/fake-clock.ts';
import { scriptedClient } from '../../mocks/scripted-client.ts';

test('the tap sees connection, recovery and delivery in order, each with its time', async () => {
  const { client, clock, transport } = scriptedClient();
  const records: TapRecord[] = [];
  const undo = client.tap((record) => records.push(record));
  client.channel('a').subscribe(() => {});
  await settle();
  await clock.advance(20);
  transport.last.hello({ streamId: 's' });
  transport.last.ready('a', 'e:0');
  transport.last.event('a', 'e:1', 'x');
  client.pause();
  undo();
  client.resume();
  const at = clock.time;
  expect(records).toEqual([
    { type: 'connection', at: at - 20, status: { state: 'connecting', attempt: 1 } },
    { type: 'connection', at, status: { state: 'connected', since: at, streamId: 's' } },
    {
      type: 'recovery',
      at,
      channel: 'a',
      recovery: { outcome: 'fresh', replayed: 0, to: { epoch: 'e', offset: 0 } },
    },
    {
      type: 'delivery',
      at,
      channel: 'a',
      cursor: { epoch: 'e', offset: 1 },
      envelope: expect.objectContaining({ payload: 'x' }),
      disposition: 'applied',
    },
    { type: 'connection', at, status: { state: 'paused', reasons: ['manual'] } },
  ]);
});

test('without a tap no record is made', async () => {
  const { client, clock, transport } = scriptedClient();
  const now = vi.spyOn(clock, 'now');
  client.channel('a').subscribe(() => {});
  await settle();
  transport.last.hello();
  transport.last.ready('a', 'e:0');
  now.mockClear();
  for (let n = 1; n <= 100; n += 1) transport.last.event('a', `e:${n}`);
  // Once a chunk, for the watchdog; a record would ask for the time as well.
  expect(now).toHaveBeenCalledTimes(100);
});
