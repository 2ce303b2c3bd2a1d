/** A byte stream to a TCP port inside a container, published or not. */
import { Duplex, PassThrough } from 'node:stream';
import { createFrameReader } from '#model/engine-api/stream-frames.ts';
import type { SystemVersion } from '#model/engine-api/types.ts';
import { createExec } from '../exec/exec.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';

export interface ContainerPort {
  readonly container: string;
  readonly port: number;
  /** An address inside the container; default: whichever listens on the port. */
  readonly host?: string;
  /** For engines without a relay: a Node.js program in the container. */
  readonly node?: string;
}

export type DialContainerPort = (signal?: AbortSignal) => Promise<Duplex>;

/** Is it Slipway's own engine, with what is under /slipway/v1? Others have Docker's API only. */
export async function isSlipwayEngine(
  connection: Pick<EngineConnection, 'call'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const version = await connection.call<SystemVersion>('GET', '/version', signal === undefined ? {} : { signal });
  return version.Platform?.Name === 'Slipway';
}

/**
 * Slipway's engine enters the network namespace of the container; with others a small program in the container is the
 * relay, one exec for each connection.
 * @param connection asked anew for every stream, so that it may be another one after a reconnect
 */
export async function containerPortDialer(
  connection: () => EngineConnection,
  target: ContainerPort,
): Promise<DialContainerPort> {
  const { container, port, host } = target;
  if (await isSlipwayEngine(connection())) {
    return async (signal) =>
      await connection().upgrade('POST', `/slipway/v1/containers/${container}/relay`, {
        query: { port, host },
        ...(signal === undefined ? {} : { signal }),
      });
  }
  return async (signal) => await dialByExec(connection(), target, signal);
}

const RELAY_PROGRAM = `
const { connect } = require('node:net');
const [host, port] = process.argv.slice(1);
const socket = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
socket.on('error', (error) => { process.stderr.write(error.message); process.exit(1); });
process.stdin.pipe(socket).pipe(process.stdout);
`;

async function dialByExec(connection: EngineConnection, target: ContainerPort, signal?: AbortSignal): Promise<Duplex> {
  const signalled = signal === undefined ? {} : { signal };
  const id = await createExec(connection, target.container, {
    argv: [target.node ?? 'node', '-e', RELAY_PROGRAM, target.host ?? 'localhost', String(target.port)],
    stdin: true,
    ...signalled,
  });
  const body = { Detach: false, Tty: false };
  const raw = await connection.upgrade('POST', `/exec/${id}/start`, { body, ...signalled });
  const output = new PassThrough();
  const read = createFrameReader();
  raw.on('data', (chunk: Uint8Array) => {
    for (const { stream, payload } of read(chunk)) {
      if (stream === 'stdout' && !output.write(Buffer.from(payload))) raw.pause();
    }
  });
  output.on('drain', () => raw.resume());
  raw.on('end', () => output.end()).on('error', (error) => output.destroy(error));
  return Duplex.from({ readable: output, writable: raw });
}
