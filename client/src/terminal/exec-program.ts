/** An interactive program in a running container, over the Engine API's exec. */
import type { Duplex } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ExecInspectResponse } from '#model/engine-api/types.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { TerminalProgram, TerminalSize } from '../views/ui.ts';

export interface ExecOptions {
  readonly command: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly env?: readonly string[];
}

/** The container's best shell. */
export const SHELL_COMMAND = ['/bin/sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'];

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

export function execProgram(connection: EngineConnection, containerId: string, options: ExecOptions): TerminalProgram {
  let stream: Duplex | undefined;
  let execId: string | undefined;
  let size: TerminalSize | undefined;
  const early: string[] = [];
  let used = false;
  const applySize = async (): Promise<void> => {
    if (execId === undefined || size === undefined) return;
    const query = { h: size.rows, w: size.columns };
    // The program may have ended meanwhile: then its size is nobody's business.
    await connection.call('POST', `/exec/${execId}/resize`, { query }).catch(() => undefined);
  };
  return {
    async run(screen, signal) {
      size ??= screen.size;
      const created = await connection.call<{ readonly Id: string }>('POST', `/containers/${containerId}/exec`, {
        body: execRequest(options, size),
        signal,
      });
      const body = {
        Detach: false,
        Tty: true,
        ...(size === undefined ? {} : { ConsoleSize: [size.rows, size.columns] }),
      };
      stream = await connection.upgrade('POST', `/exec/${created.Id}/start`, { body, signal });
      execId = created.Id;
      const opened = stream;
      signal.addEventListener('abort', () => opened.destroy(), { once: true });
      await applySize();
      for (const data of early.splice(0)) opened.write(data);
      for await (const chunk of opened) screen.write(chunk as Uint8Array);
      const code = await exitCode(connection, created.Id, options);
      // A shell ends with the code of the last command in it, which is nobody's failure.
      return options.command === SHELL_COMMAND && used ? 0 : code;
    },
    input(data) {
      used = true;
      if (stream === undefined) early.push(data);
      else if (stream.writable) stream.write(data);
    },
    resize(next) {
      size = next;
      void applySize();
    },
  };
}

function execRequest(options: ExecOptions, size: TerminalSize | undefined): object {
  return {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
    Cmd: options.command,
    Env: ['TERM=xterm-256color', ...(options.env ?? [])],
    ...(options.user === undefined ? {} : { User: options.user }),
    ...(options.workingDir === undefined ? {} : { WorkingDir: options.workingDir }),
    ...(size === undefined ? {} : { ConsoleSize: [size.rows, size.columns] }),
  };
}

async function exitCode(
  connection: EngineConnection,
  execId: string,
  options: ExecOptions,
): Promise<number | undefined> {
  const inspected = await connection.call<ExecInspectResponse>('GET', `/exec/${execId}/json`);
  const code = inspected.ExitCode ?? undefined;
  const isShell = options.command === SHELL_COMMAND;
  if (isShell && (code === NOT_FOUND || code === NOT_EXECUTABLE)) {
    throw new EngineError('not-found', 'This container has no shell (/bin/sh).');
  }
  return code;
}
