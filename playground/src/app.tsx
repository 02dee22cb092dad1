import { useState, type ReactElement } from 'react';
import type { Room } from '../contract.ts';
import styles from './app.module.css';
import { ChatPanel } from './chat/chat-panel.tsx';
import { CutBar } from './cut/cut-bar.tsx';
import { Header } from './header.tsx';
import { HouseSwitch } from './house.tsx';
import { createLedgerStore } from './ledger/ledger-store.ts';
import { OrderBoard } from './orders/order-board.tsx';
import { As } from './as.tsx';
import { ada, ben, people } from './people.ts';
import { createTape } from './tape/tape.ts';
import { TapePanel } from './tape/tape-panel.tsx';
import { useView } from './use-view.ts';

// From the first event on, whatever is on screen.
const tape = createTape(people);
const ledgers = {
  orders: createLedgerStore(ben, 'orders'),
  kitchen: createLedgerStore(ben, 'chat/kitchen'),
  counter: createLedgerStore(ben, 'chat/counter'),
  delivery: createLedgerStore(ben, 'chat/delivery'),
};

export function App(): ReactElement {
  const view = useView();
  const [roomOfAda, setRoomOfAda] = useState<Room>('kitchen');
  const [roomOfBen, setRoomOfBen] = useState<Room>('kitchen');
  return (
    <div className={styles['app']}>
      <Header view={view} />
      <main className={styles['main']}>
        <div className={styles['tiles']}>
          <As person={ada}>
            {view === 'orders' ? (
              <OrderBoard />
            ) : (
              <ChatPanel room={roomOfAda} onRoom={setRoomOfAda} />
            )}
          </As>
          <As person={ben}>
            {view === 'orders' ? (
              <OrderBoard />
            ) : (
              <ChatPanel room={roomOfBen} onRoom={setRoomOfBen} />
            )}
          </As>
        </div>
        <CutBar ledger={view === 'orders' ? ledgers.orders : ledgers[roomOfBen]} />
        <TapePanel tape={tape} controls={<HouseSwitch />} />
      </main>
    </div>
  );
}
