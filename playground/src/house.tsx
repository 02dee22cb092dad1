import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { ada } from './people.ts';
import { Button } from './parts/button.tsx';

/** The server as Ada's connection sees it: that one is never cut. */
export function useHouse() {
  const about = useQuery(
    {
      queryKey: ['house'],
      queryFn: () => ada.trpc.house.about.query(),
      refetchInterval: 5_000,
    },
    ada.queries,
  );
  const run = useMutation(
    {
      mutationFn: (running: boolean) => ada.trpc.house.run.mutate(running),
      onSettled: () => about.refetch(),
    },
    ada.queries,
  );
  return { about: about.data, run };
}

/** Stops what moves by itself. People's own orders go on. */
export function HouseSwitch(): ReactElement {
  const { about, run } = useHouse();
  const running = run.isPending ? run.variables : (about?.running ?? true);
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
