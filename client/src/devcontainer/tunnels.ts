/** Ports of this machine that lead into a dev container: its editor, and what forwardPorts names. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { MergedConfig } from '#model/devcontainer/merge.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { containerPortDialer } from '../tunnel/container-port.ts';
import { openTunnel } from '../tunnel/local-tunnel.ts';
import type { EditorServer } from './editor-server.ts';

export interface TunnelsInput {
  /** Asked anew for every stream. Throws while the host is not connected. */
  readonly live: () => EngineConnection;
  readonly container: string;
  readonly config: MergedConfig;
  readonly server: EditorServer;
  /** A Node.js program in the container, for engines without a relay. */
  readonly node: string;
  readonly log: (line: string) => void;
  /** What the person would otherwise be surprised at. */
  readonly tell: (message: string) => void;
  readonly signal: AbortSignal;
}

const ANSWER_MS = 10_000;

/** @returns the local port of the editor, once it answers; everything opened ends with `ends` */
export async function openTunnels(input: TunnelsInput, ends: AsyncDisposableStack): Promise<number> {
  const { live, container, config, server, node, log, tell } = input;
  const dial = await containerPortDialer(live, { container, port: server.port, node });
  let said: string | undefined;
  const onError = (message: string): void => {
    // An editor whose host is away tries again every few seconds.
    if (message !== said) log(`editor: ${message}`);
    said = message;
  };
  const editor = ends.use(await openTunnel({ dial, onError }));
  await untilAnswers(editor.port, input.signal);
  for (const forward of config.forwardPorts ?? []) {
    const port = typeof forward === 'number' ? forward : portOnLocalhost(forward);
    if (port === undefined) {
      log(`Port ${forward} is not forwarded: only ports of the container itself are.`);
      continue;
    }
    const { label, protocol = 'http', requireLocalPort = false } = config.portsAttributes?.[String(port)] ?? {};
    try {
      const dialPort = await containerPortDialer(live, { container, port, node });
      const tunnel = ends.use(await openTunnel({ dial: dialPort, wantedPort: port, exact: requireLocalPort }));
      const name = `Port ${port}${label === undefined ? '' : ` (${label})`} of the container`;
      const address = `${protocol}://127.0.0.1:${tunnel.port}`;
      log(`${name}: ${address}`);
      if (tunnel.port !== port) tell(`${name} is at ${address} here: ${port} is taken by another program.`);
    } catch (error) {
      log(`Port ${port} is not forwarded: ${messageOf(error)}`);
    }
  }
  return editor.port;
}

function portOnLocalhost(forward: string): number | undefined {
  const match = /^(?:(?:localhost|127\.0\.0\.1):)?(\d+)$/.exec(forward);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

async function untilAnswers(port: number, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    const { ok, status } = await fetch(`http://127.0.0.1:${port}/version`, {
      signal: AbortSignal.any([signal, timeout]),
    });
    if (ok) return;
    throw new EngineError('unavailable', `The editor in the container answers with status ${status}.`);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError('unavailable', `The editor in the container does not answer: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
