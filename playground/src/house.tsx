import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { ada, ben } from './people.ts';
import { Button } from './parts/button.tsx';
import { useReadable } from './parts/use-readable.ts';

// The server as Ada's connection sees it: that one is never cut. How the house stands is the server's
// word, the same on every page: the last event says it, also to a page that comes later.
const house = ada.pubsub.channel('house', { history: 1 });
house.listen({
  onEvent({ payload }) {
    // B would notice by itself, at its next attempt.
    if (!payload.cut) ben.pubsub.resume();
  },
});

/** Whether the house plays, and whether B is cut; `undefined` until the server has said so. */
export const useHouse = () => useReadable(house).latest?.payload;

export function useServer() {
  const about = useQuery(
    { queryKey: ['about'], queryFn: () => ada.trpc.house.about.query() },
    ada.queries,
  );
  return about.data;
}

/** Stops what moves by itself. People's own orders go on. */
export function HouseSwitch(): ReactElement {
  const running = useHouse()?.running ?? true;
  const run = useMutation(
    { mutationFn: (on: boolean) => ada.trpc.house.run.mutate(on) },
    ada.queries,
  );
  return (
    <Button
      kind="bare"
      icon={running ? 'pause' : 'play'}
      style={{ minWidth: 148 }}
      onClick={() => run.mutate(!running)}
    >
      {running ? 'Pause the house' : 'Open the house'}
    </Button>
  );
}
