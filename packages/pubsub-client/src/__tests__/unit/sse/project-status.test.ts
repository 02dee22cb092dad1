import { expect, test } from 'vitest';
import { step, type State } from '../../../sse/machine.ts';
import { projectStatus } from '../../../sse/project-status.ts';
import { after, attached, ended, hello, moment, wanted } from '../../mocks/machine-words.ts';

const connected = [wanted('a'), hello(1), attached(1, 'a')];

test.each<[string, State, object]>([
  ['nothing wanted', after(), { state: 'idle' }],
  ['the first attempt', after(wanted('a')), { state: 'connecting', attempt: 1 }],
  [
    'a failed first attempt',
    after(wanted('a'), ended(1, 'unavailable')),
    {
      state: 'connecting',
      attempt: 2,
      retryAt: 100_350,
      error: expect.objectContaining({ code: 'unavailable' }),
    },
  ],
  ['a hello', after(wanted('a'), hello(1)), { state: 'connected', since: 100_000, streamId: 's1' }],
  [
    'a lost connection',
    after(...connected, ended(1)),
    {
      state: 'reconnecting',
      attempt: 2,
      retryAt: 100_350,
      error: expect.objectContaining({ code: 'network' }),
    },
  ],
  [
    'two reasons to rest',
    after(
      ...connected,
      { type: 'paused', reason: 'offline' },
      { type: 'paused', reason: 'manual' },
    ),
    { state: 'paused', reasons: ['offline', 'manual'] },
  ],
  [
    'credentials refused twice',
    after(wanted('a'), ended(1, 'unauthenticated'), ended(2, 'unauthenticated')),
    { state: 'needs-auth', error: expect.objectContaining({ code: 'unauthenticated' }) },
  ],
  [
    'a final refusal',
    after(wanted('a'), ended(1, 'forbidden')),
    { state: 'failed', error: expect.objectContaining({ code: 'forbidden' }) },
  ],
  ['a closed client', after(...connected, { type: 'closed' }), { state: 'closed' }],
])('%s', (_name, state, status) => {
  expect(projectStatus(state)).toEqual(status);
});

test('a successor takes over an unbroken connection: only the stream is another', () => {
  const replacing = after(...connected, wanted('a b'));
  const later = [hello(2), attached(2, 'a')].reduce<State>(
    (state, input) => step(state, input, moment(170_000)).state,
    replacing,
  );
  expect(projectStatus(later)).toEqual({ state: 'connected', since: 100_000, streamId: 's2' });
});

test('a connection that was lost and came back counts anew', () => {
  const lost = after(...connected, ended(1));
  const back = [{ type: 'tick', seen: {} } as const, hello(2)].reduce<State>(
    (state, input) => step(state, input, moment(170_000)).state,
    lost,
  );
  expect(projectStatus(back)).toEqual({ state: 'connected', since: 170_000, streamId: 's2' });
});
