/** A container's log, followed until the terminal is closed or the container ends. */
import type { Readable } from 'node:stream';
import { createFrameReader } from '#model/engine-api/stream-frames.ts';
import type { ContainerInspectResponse } from '#model/engine-api/types.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { TerminalProgram, TerminalScreen } from '../views/ui.ts';

/** Lines from before that are shown. */
const TAIL = 1000;

export function logsProgram(connection: EngineConnection, containerId: string, name = ''): TerminalProgram {
  return {
    async run(screen, signal) {
      screen.write(`\u001b[2mThe log of ${name === '' ? 'the container' : name}, as it is written.\u001b[0m\r\n`);
      await containerLog(connection, containerId, screen, { tail: TAIL, signal });
      screen.write('\r\n\u001b[2mEnd of the log.\u001b[0m\r\n');
      return undefined;
    },
  };
}

/** Follows a log until the container ends. */
export async function containerLog(
  connection: EngineConnection,
  containerId: string,
  screen: Pick<TerminalScreen, 'write'>,
  { tail, signal }: { readonly tail: number; readonly signal: AbortSignal },
): Promise<void> {
  const path = `/containers/${containerId}`;
  const inspected = await connection.call<ContainerInspectResponse>('GET', `${path}/json`, { signal });
  const query = { follow: true, stdout: true, stderr: true, tail };
  const stream = await connection.stream('GET', `${path}/logs`, { query, signal });
  await showOutput(stream, inspected.Config?.Tty === true, screen);
}

/** @param tty with a terminal the output comes as it is, without one in frames */
export async function showOutput(stream: Readable, tty: boolean, screen: Pick<TerminalScreen, 'write'>): Promise<void> {
  const frames = tty ? undefined : createFrameReader();
  for await (const chunk of stream) {
    const bytes = chunk as Uint8Array;
    if (frames === undefined) screen.write(bytes);
    else for (const frame of frames(bytes)) screen.write(withReturns(frame.payload));
  }
}

/** A terminal goes to the start of a line only when told to. */
function withReturns(payload: Uint8Array): Uint8Array {
  const NEWLINE = 10;
  if (!payload.includes(NEWLINE)) return payload;
  return Buffer.from(Buffer.from(payload).toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1');
}
