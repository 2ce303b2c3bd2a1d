/** Messages between the reader of a container's log and what delivers them. */
import type { DeliveryBuffer } from './delivery-policy.ts';
import type { PlacedMessage } from './log-messages.ts';

export interface MessageQueue {
  /**
   * Resolves when there was room. While the other end is stalled a buffer that is full does not wait: the message is dropped,
   * unless it would be the only one.
   */
  push(placed: PlacedMessage): Promise<void>;
  /** No more will come. */
  end(): void;
  /** The next ones, at most `most`, as soon as there are any; none after the end. */
  take(most: number): Promise<readonly PlacedMessage[]>;
  /** Whether the destination takes nothing. @returns how many messages have been dropped since it was told last */
  stall(stalled: boolean): number;
}

/** @param buffer undefined: push waits for as long as it takes, with few messages in memory */
export function createMessageQueue(buffer: DeliveryBuffer | undefined, few: number): MessageQueue {
  const waiting: PlacedMessage[] = [];
  const limit = buffer ?? { events: few, bytes: Infinity };
  const state = { bytes: 0, dropped: 0, ended: false, stalled: false };
  const wakers = new Set<() => void>();
  const changed = (): Promise<void> => new Promise((resolve) => void wakers.add(resolve));
  const change = (): void => {
    for (const wake of wakers) wake();
    wakers.clear();
  };
  const full = (size: number): boolean =>
    waiting.length > 0 && (waiting.length >= limit.events || state.bytes + size > limit.bytes);

  return {
    async push(placed) {
      const size = placed.message.line.length;
      while (full(size) && !state.ended) {
        if (buffer !== undefined && state.stalled) {
          state.dropped++;
          return;
        }
        await changed();
      }
      waiting.push(placed);
      state.bytes += size;
      change();
    },
    end() {
      state.ended = true;
      change();
    },
    async take(most) {
      while (waiting.length === 0 && !state.ended) await changed();
      const taken = waiting.splice(0, most);
      for (const { message } of taken) state.bytes -= message.line.length;
      change();
      return taken;
    },
    stall(stalled) {
      const { dropped } = state;
      state.dropped = 0;
      state.stalled = stalled;
      change();
      return dropped;
    },
  };
}
