/** Programs run in a container through the Engine API, so that any engine will do. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { createFrameReader } from '#model/engine-api/stream-frames.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';

export interface ExecOptions {
  readonly argv: readonly string[];
  /** Default: the container's own. */
  readonly user?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent as the standard input, which then ends. */
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Told of every piece of both streams, in the order of arrival. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is kept of each stream of a program that prints a lot: its end. */
const KEPT = 4 * 1024 * 1024;

export async function createExec(
  connection: Pick<EngineConnection, 'call'>,
  container: string,
  options: Pick<ExecOptions, 'argv' | 'user' | 'cwd' | 'env' | 'signal'> & { readonly stdin: boolean },
): Promise<string> {
  const { Id } = await connection.call<{ Id: string }>('POST', `/containers/${container}/exec`, {
    body: {
      AttachStdin: options.stdin,
      AttachStdout: true,
      AttachStderr: true,
      Cmd: options.argv,
      Env: Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`),
      ...(options.user === undefined ? {} : { User: options.user }),
      ...(options.cwd === undefined ? {} : { WorkingDir: options.cwd }),
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return Id;
}

/** Runs a program to its end. A program that fails is a result; throws EngineError when it cannot be run at all. */
export async function execIn(
  connection: Pick<EngineConnection, 'call' | 'upgrade'>,
  container: string,
  options: ExecOptions,
): Promise<ExecResult> {
  const { signal, input } = options;
  const signalled = signal === undefined ? {} : { signal };
  const id = await createExec(connection, container, { ...options, stdin: input !== undefined });
  const body = { Detach: false, Tty: false };
  const stream = await connection.upgrade('POST', `/exec/${id}/start`, { body, ...signalled });
  const output = await collect(stream, options);
  const { ExitCode } = await connection.call<{ ExitCode?: number | null }>('GET', `/exec/${id}/json`, signalled);
  return { code: ExitCode ?? 0, ...output };
}

async function collect(
  stream: Duplex,
  { input, signal, onOutput }: ExecOptions,
): Promise<{ stdout: string; stderr: string }> {
  const read = createFrameReader();
  const texts = { stdout: '', stderr: '' };
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const give = (name: 'stdout' | 'stderr', payload?: Uint8Array): void => {
    const text = payload === undefined ? decoders[name].decode() : decoders[name].decode(payload, { stream: true });
    if (text === '') return;
    texts[name] = (texts[name] + text).slice(-KEPT);
    onOutput?.(text, name);
  };
  const stop = (): void => void stream.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    stream.on('data', (chunk: Uint8Array) => {
      for (const frame of read(chunk)) if (frame.stream !== 'stdin') give(frame.stream, frame.payload);
    });
    if (input !== undefined) stream.end(input);
    await once(stream, 'end', signal === undefined ? {} : { signal });
    give('stdout');
    give('stderr');
    return texts;
  } catch (error) {
    if (signal?.aborted === true) throw new EngineError('cancelled', 'Cancelled.', { cause: error });
    throw new EngineError('unavailable', 'The connection to the program in the container was lost.', { cause: error });
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}
