import type { Room } from '../../contract.ts';
import { useChannel, useEmit } from '../pubsub.ts';

export function useChat(room: Room) {
  // #region chat
  const channel = `chat/${room}` as const;
  const { events, latest, status } = useChannel(channel, { history: 40 });
  const say = useEmit('chat:said', { channel });
  // #endregion
  return { events, latest, status, say };
}
