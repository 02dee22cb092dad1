import type { ReactElement } from 'react';
import { isOpen } from '../../orders.ts';
import { usePerson } from '../people.ts';
import { Button } from '../parts/button.tsx';
import { linesOf } from '../parts/lines-of.ts';
import { Notice } from '../parts/notice.tsx';
import { Rows } from '../parts/rows.tsx';
import { Tile } from '../parts/tile.tsx';
import { useNow } from '../parts/use-now.ts';
import styles from './order-board.module.css';
import { OrderRow } from './order-row.tsx';
// oxlint-disable-next-line import/default -- ?raw gives the text of a module, by default
import source from './use-order-board.ts?raw';
import { useHeldRows } from './use-held-rows.ts';
import { useNewOrder } from './use-new-order.ts';
import { useOrderBoard, useOrderEmits } from './use-order-board.ts';

const code = linesOf(source, 'list');

/** A live board of the orders, and what this person does with them. */
export function OrderBoard(): ReactElement {
  const { letter, place } = usePerson();
  const { orders, pending, marks, latest, reading } = useOrderBoard();
  const emits = useOrderEmits();
  const writeOrder = useNewOrder(orders, letter);
  const { shown, held, hold, release } = useHeldRows(orders);
  const open = orders.filter(isOpen);
  const now = useNow();
  const recent = orders.filter(({ placedAt }) => Date.parse(placedAt) > now - 60_000).length;
  const toPack = orders.findLast(({ status }) => status === 'paid');

  const refused = Object.entries(emits).find(([, emit]) => emit.error);
  const newOrder = (
    <Button
      key="new"
      icon="plus"
      kind={letter === 'A' ? 'main' : 'plain'}
      onClick={() => emits.created.emit(writeOrder())}
    >
      New order
    </Button>
  );
  const packNext = (
    <Button
      key="pack"
      icon="check"
      kind={letter === 'B' ? 'main' : 'plain'}
      aria-disabled={!toPack}
      onClick={() => toPack && emits.packed.emit({ orderId: toPack.orderId })}
    >
      Pack the next
    </Button>
  );
  return (
    <Tile
      lastEventAt={latest && Date.parse(latest.timestamp)}
      code={code}
      shows="list"
      actions={
        <div className={styles['actions']}>
          {letter === 'A' ? [newOrder, packNext] : [packNext, newOrder]}
          <span className={styles['summary']}>
            {held > 0 ? `${held} new, held while you point` : `${open.length} open`}
            {held === 0 && <span className={styles['rate']}> · {recent} a minute</span>}
          </span>
        </div>
      }
      notice={
        refused && (
          <Notice
            title={refused[1].status === 'rejected' ? `Not ${refused[0]}` : 'Not sent'}
            onClose={refused[1].reset}
          >
            {refused[1].error?.message}
          </Notice>
        )
      }
    >
      <div className={styles['list']} onPointerEnter={hold} onPointerLeave={release}>
        <Rows
          label={`Orders as client ${letter} sees them`}
          items={shown}
          keyOf={({ orderId }) => orderId}
          empty={
            reading
              ? 'The orders are being read…'
              : 'Orders appear here as they come in. Press “New order” for the first one.'
          }
        >
          {(each) => (
            <OrderRow
              order={each}
              pending={pending.has(each.orderId)}
              mark={marks.get(each.orderId)}
              onStep={({ orderId }, step) =>
                step === 'cancelled'
                  ? emits.cancelled.emit({ orderId, reason: `cancelled in the ${place}` })
                  : emits[step].emit({ orderId })
              }
            />
          )}
        </Rows>
      </div>
    </Tile>
  );
}
