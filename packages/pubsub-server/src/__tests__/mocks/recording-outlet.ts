import type { ControlFrame, ControlFrames, ControlType, Cursor } from '@hipponot/pubsub-core';
import type { Frame } from '../../server/frame.ts';
import type { Outlet } from '../../server/subscription.ts';
import { Changes } from './changes.ts';

/** What an outlet was given, in order. */
export type Sent = ControlFrame | { readonly type: 'event'; readonly cursor: Cursor };

/** Keeps what it is given. @param room what a slow peer makes the replay wait for */
export class RecordingOutlet implements Outlet {
  readonly sent: Sent[] = [];
  readonly #room: () => Promise<void> | undefined;
  readonly #changes = new Changes();

  constructor(room: () => Promise<void> | undefined = () => undefined) {
    this.#room = room;
  }

  event(frame: Frame): void {
    this.sent.push({ type: 'event', cursor: frame.cursor });
    this.#changes.notify();
  }

  control<Type extends ControlType>(type: Type, body: ControlFrames[Type]): void {
    this.sent.push({ type, ...body } as ControlFrame);
    this.#changes.notify();
  }

  room(): Promise<void> | undefined {
    return this.#room();
  }

  /** Resolves when the condition holds, now or after something was sent. */
  until(condition: (sent: readonly Sent[]) => boolean): Promise<void> {
    return this.#changes.until(() => condition(this.sent));
  }
}
