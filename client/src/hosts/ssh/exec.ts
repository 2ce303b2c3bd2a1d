/**
 * Runs /bin/sh scripts on an SSH host. The login shell there may be csh, fish or chatty: it only ever sees one short
 * command, and what it prints before ours is cut off at a marker.
 */
import { randomBytes } from 'node:crypto';
import type { Client, ClientChannel } from 'ssh2';
import { EngineError } from '#model/engine-api/errors.ts';
import type { RunResult } from '../host-shell.ts';

export interface RunOptions {
  readonly input?: Uint8Array;
  readonly signal?: AbortSignal;
}

/** @param script POSIX sh; `exit` in it ends it */
export async function runOver(
  client: Client,
  name: string,
  script: string,
  options: RunOptions = {},
): Promise<RunResult> {
  if (options.signal?.aborted === true) throw new EngineError('cancelled', 'Cancelled.');
  const marker = `slipway-${randomBytes(8).toString('hex')}`;
  const framed = `printf '%s\\n' ${marker}; printf '%s\\n' ${marker} >&2\n${script}\n`;
  const { command, stdin } = plan(framed, options.input);
  const channel = await openExec(client, name, command);
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const abort = (): void => {
    channel.signal('TERM');
    channel.close();
    reject(new EngineError('cancelled', 'Cancelled.'));
  };
  options.signal?.addEventListener('abort', abort, { once: true });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let code: number | undefined;
  channel.on('data', (chunk: Buffer) => out.push(chunk));
  channel.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  channel.on('exit', (status: number | null) => (code = status ?? 255));
  channel.on('close', () => {
    if (code === undefined) {
      reject(new EngineError('unavailable', `The SSH connection to ${name} was lost while a command ran there.`));
    } else {
      resolve({ code, stdout: afterMarker(out, marker), stderr: afterMarker(err, marker) });
    }
  });
  channel.end(stdin);
  try {
    return await promise;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

/** The script travels as standard input; when that is taken, in the command, in letters that no shell minds. */
function plan(script: string, input: Uint8Array | undefined): { readonly command: string; readonly stdin: Uint8Array } {
  if (input === undefined) {
    // In braces it is read whole before it runs, so nothing it starts can eat the rest of it.
    return { command: 'exec /bin/sh', stdin: Buffer.from(`{\n${script}} </dev/null\nexit $?\n`) };
  }
  const encoded = Buffer.from(script).toString('base64');
  return { command: `exec /bin/sh -c 'eval "$(echo ${encoded} | base64 -d)"'`, stdin: input };
}

function openExec(client: Client, name: string, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new EngineError('unavailable', `${name} runs no commands for this user.`, { cause }));
    try {
      client.exec(command, (error, channel) => (error ? fail(error) : resolve(channel)));
    } catch (error) {
      fail(error);
    }
  });
}

function afterMarker(chunks: readonly Buffer[], marker: string): string {
  const text = Buffer.concat(chunks).toString();
  const at = text.indexOf(`${marker}\n`);
  return at === -1 ? text : text.slice(at + marker.length + 1);
}
