/**
 * Keeps FIFOs open for reading in a process that outlives the engine for a while: who writes to one must not die (EPIPE) of an
 * engine that was killed. A shell does it with no other process, which costs a start a tenth of a millisecond.
 */
import { EngineError } from '#model/engine-api/errors.ts';
import { openShell, type Shell } from './shell-process.ts';
import { quoted } from './standing-shell.ts';

/** The file descriptors that a redirection of sh(1) can name, without its own and the one that opens without waiting. */
const DESCRIPTORS = [3, 4, 5, 6, 7, 8];
/** In seconds: who waits at a FIFO that was opened is through with it a moment later. */
const AFTER_THE_ENGINE = 5;
/** When its input ends, so has the engine; what is held then stays so. Nor does it die of an answer that nobody reads any more. */
const HOLDER = `trap '' PIPE; n=0; while read -r line; do eval "$line"; done; [ $n = 0 ] || exec sleep ${AFTER_THE_ENGINE}`;

export interface FifoHolder {
  /** Gives what lets go of it again. Waits for no writer. Throws EngineError('internal') when it is no FIFO or there is no shell. */
  hold(fifo: string): Promise<() => void>;
  /** Ends the shell, unless it holds something, until it is needed again. */
  rest(): void;
}

interface Holder {
  readonly shell: Shell;
  readonly free: number[];
}

/** A shell whose descriptors are all in use is followed by another one, and ends when it has let go of the last. */
export function createFifoHolder(): FifoHolder {
  let current: Holder | undefined;
  return {
    async hold(fifo) {
      if (fifo.includes('\n')) throw new EngineError('internal', `a line break in a path: ${fifo}`);
      if (current === undefined || current.free.length === 0 || current.shell.ended())
        current = { shell: openShell(['-c', HOLDER]), free: [...DESCRIPTORS] };
      const holder = current;
      const descriptor = holder.free.pop() as number;
      const letGo = (): void => {
        holder.free.push(descriptor);
        if (holder !== current && holder.free.length === DESCRIPTORS.length) holder.shell.end();
      };
      const { code } = await holder.shell.run(holding(fifo, descriptor));
      if (code === 0)
        return () => {
          holder.shell.run(`exec ${descriptor}<&-; n=$((n - 1)); ${answer(0)}`).catch(() => {}); // with the shell it is let go as well
          letGo();
        };
      letGo();
      throw new EngineError('internal', `cannot open ${fifo}`);
    },
    rest() {
      if (current?.free.length !== DESCRIPTORS.length || current.shell.busy()) return;
      current.shell.end();
      current = undefined;
    },
  };
}

/** For both reading and writing first, which waits for nobody. */
function holding(fifo: string, descriptor: number): string {
  const name = quoted(fifo);
  const open = `[ -p ${name} ] && command exec 9<>${name} ${descriptor}<${name} 9>&-`;
  return `if ${open}; then n=$((n + 1)); ${answer(0)}; else ${answer(1)}; fi`;
}

function answer(code: number): string {
  return String.raw`printf '${code}\n\0'`;
}
