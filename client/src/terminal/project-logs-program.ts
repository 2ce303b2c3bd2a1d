/** The logs of several containers in one terminal, each line with the name of its service before it. */
import { messageOf } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { TerminalProgram, TerminalScreen } from '../views/ui.ts';
import { containerLog } from './logs-program.ts';

export interface NamedContainer {
  readonly id: string;
  readonly name: string;
}

/** SGR colours of the prefixes, in turn. */
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
/** Lines from before that are shown of each. */
const TAIL = 200;

export function projectLogsProgram(
  connection: EngineConnection,
  containers: readonly NamedContainer[],
): TerminalProgram {
  return {
    async run(screen, signal) {
      const width = Math.max(...containers.map(({ name }) => name.length));
      const follow = async ({ id, name }: NamedContainer, index: number): Promise<void> => {
        const colour = COLOURS[index % COLOURS.length] ?? 0;
        const lines = linesOn(screen, `\u001b[${colour}m${name.padEnd(width)} |\u001b[0m `);
        try {
          await containerLog(connection, id, { write: lines.write }, { tail: TAIL, signal });
          lines.end();
          screen.write(`\u001b[2m${name.padEnd(width)} | end of the log\u001b[0m\r\n`);
        } catch (error) {
          if (!signal.aborted) screen.write(`\u001b[31m${name.padEnd(width)} | ${messageOf(error)}\u001b[0m\r\n`);
        }
      };
      await Promise.all(containers.map(follow));
      return undefined;
    },
  };
}

/** Whole lines only, so that those of two containers never mix. */
export function linesOn(
  screen: Pick<TerminalScreen, 'write'>,
  prefix: string,
): { write(data: Uint8Array | string): void; end(): void } {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    write(data) {
      const parts = (rest + (typeof data === 'string' ? data : decoder.decode(data, { stream: true }))).split(/\r?\n/);
      rest = parts.pop() ?? '';
      if (parts.length > 0) screen.write(parts.map((line) => `${prefix}${line}\r\n`).join(''));
    },
    end() {
      if (rest !== '') screen.write(`${prefix}${rest}\r\n`);
      rest = '';
    },
  };
}
