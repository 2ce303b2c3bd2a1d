/** What a program's terminal does from opening to closing, on whatever shows it. */
import { messageOf } from '#model/engine-api/errors.ts';
import type { TerminalProgram, TerminalSize } from '../views/ui.ts';

export interface TerminalOutput {
  write(text: string): void;
  close(): void;
}

export interface TerminalSession {
  open(size: TerminalSize | undefined): void;
  input(data: string): void;
  resize(size: TerminalSize): void;
  /** The person closed it. */
  closed(): void;
}

/** The exit code of a program that a person ended with Ctrl-C or Ctrl-D is nothing to talk about. */
const QUIET_CODES = new Set([0, 130]);

export function terminalSession(program: TerminalProgram, output: TerminalOutput): TerminalSession {
  const stopping = new AbortController();
  const decoder = new TextDecoder();
  let ended = false;
  const end = (message: string): void => {
    ended = true;
    output.write(`\r\n${message}\r\n\u001b[2mPress any key to close.\u001b[0m`);
  };
  const run = async (size: TerminalSize | undefined): Promise<void> => {
    const write = (data: Uint8Array | string): void =>
      output.write(typeof data === 'string' ? data : decoder.decode(data, { stream: true }));
    try {
      const code = await program.run({ size, write }, stopping.signal);
      if (code === undefined) ended = true;
      else if (QUIET_CODES.has(code)) output.close();
      else end(`\u001b[33mEnded with exit code ${code}.\u001b[0m`);
    } catch (error) {
      if (!stopping.signal.aborted) end(`\u001b[31m${messageOf(error)}\u001b[0m`);
    }
  };
  return {
    open: (size) => void run(size),
    input(data) {
      if (ended) output.close();
      else program.input?.(data);
    },
    resize: (size) => program.resize?.(size),
    closed: () => stopping.abort(),
  };
}
