import { useLayoutEffect, useRef, useState, type ReactElement } from 'react';
import { rooms, type Room } from '../../contract.ts';
import { usePerson } from '../people.ts';
import { Button } from '../parts/button.tsx';
import { linesOf } from '../parts/lines-of.ts';
import { Notice } from '../parts/notice.tsx';
import { Tile } from '../parts/tile.tsx';
import styles from './chat-panel.module.css';
import { Message } from './message.tsx';
// oxlint-disable-next-line import/default -- ?raw gives the text of a module, by default
import source from './use-chat.ts?raw';
import { useChat } from './use-chat.ts';

const code = linesOf(source, 'chat');

export interface ChatPanelProps {
  readonly room: Room;
  readonly onRoom: (room: Room) => void;
}

/** One person's window into the rooms of the house. */
export function ChatPanel({ room, onRoom }: ChatPanelProps): ReactElement {
  const { letter, name } = usePerson();
  const { events, latest, status, say } = useChat(room);
  const [text, setText] = useState('');
  const [refused, setRefused] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // Whoever scrolled up to read stays there.
  useLayoutEffect(() => {
    if (atEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  });

  async function send(): Promise<void> {
    const said = text.trim();
    if (!said) return;
    setText('');
    setRefused(undefined);
    try {
      await say.emitAsync({ from: name, text: said });
    } catch {
      // The message is gone from the list by itself; the words must not be.
      setRefused(said);
      setText((now) => now || said);
    }
  }

  return (
    <Tile
      lastEventAt={latest && Date.parse(latest.timestamp)}
      code={code}
      shows="chat"
      actions={
        <fieldset className={styles['rooms']}>
          <legend className="unseen">Room</legend>
          {rooms.map((each) => (
            <label key={each} className={styles['room']}>
              <input
                type="radio"
                className="unseen"
                name={`room of ${letter}`}
                checked={room === each}
                onChange={() => onRoom(each)}
              />
              {each}
            </label>
          ))}
        </fieldset>
      }
      notice={
        say.error &&
        refused !== undefined && (
          <Notice
            title={say.status === 'rejected' ? 'Not said' : 'Not sent'}
            onClose={() => setRefused(undefined)}
          >
            “{refused}”: {say.error.message}
          </Notice>
        )
      }
      below={
        <form
          className={styles['composer']}
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <input
            className={styles['input']}
            value={text}
            onChange={(event) => setText(event.target.value)}
            aria-label={`${name} says in ${room}`}
            placeholder="Anything but “decaf”"
            maxLength={280}
            autoComplete="off"
            enterKeyHint="send"
          />
          <Button type="submit" icon="send" kind="main">
            Send
          </Button>
        </form>
      }
    >
      <div
        ref={list}
        className={styles['list']}
        role="log"
        aria-label={`Messages in ${room}`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {events.map((event) => (
          <Message key={event.id} event={event} own={event.payload.from === name} />
        ))}
        {events.length === 0 && (
          <p className={styles['empty']}>
            {status === 'live'
              ? `Nobody has said anything in ${room} yet. What you write shows on both sides at once.`
              : `The room is being opened…`}
          </p>
        )}
      </div>
    </Tile>
  );
}
