/** Sandboxes whose namespaces are being taken apart, which nobody needs to wait for but those who want what they hold. */
import { messageOf } from '#model/engine-api/errors.ts';

export interface Closings {
  /** @param work takes one apart; its failure is reported, and the next start of the engine tries again */
  add(containerId: string, work: Promise<void>): void;
  /** Resolves when nothing of the container's last sandbox is left. */
  of(containerId: string): Promise<void>;
  all(): Promise<void>;
  /** Does what fails while an address is still held once more when it no longer is. */
  afterwards<T>(work: () => T): Promise<T>;
}

export function createClosings(report: (line: string) => void): Closings {
  const open = new Map<string, Promise<void>>();
  const all = async (): Promise<void> => void (await Promise.all(open.values()));
  return {
    add(containerId, work) {
      const done = work.catch((error: unknown) => {
        report(`the network of container ${containerId} could not be removed: ${messageOf(error)}`);
      });
      const closing = done.finally(() => {
        if (open.get(containerId) === closing) open.delete(containerId);
      });
      open.set(containerId, closing);
    },
    of: async (containerId) => await open.get(containerId),
    all,
    async afterwards(work) {
      try {
        return work();
      } catch (error) {
        if (open.size === 0) throw error;
        await all();
        return work();
      }
    },
  };
}
