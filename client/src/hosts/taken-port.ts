/** Why a container that publishes ports did not start: who has its port. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerInspectResponse, ContainerSummary } from '#model/engine-api/types.ts';
import type { EngineConnection } from './engine-connection.ts';
import { labelInText } from './saved-host.ts';

/**
 * @param error what the engine said
 * @returns one sentence that says what to do when a port of the container is taken; else the engine's own error
 */
export async function explainStart(
  connection: Pick<EngineConnection, 'call' | 'run' | 'label'>,
  container: string,
  error: unknown,
): Promise<unknown> {
  if (error instanceof EngineError && error.code === 'cancelled') return error;
  try {
    const wanted = await publishedPorts(connection, container);
    const taken = wanted.length === 0 ? undefined : await takenPort(connection, container, wanted);
    if (taken === undefined) return error;
    const text = `Port ${taken.port} of ${labelInText(connection.label)} is taken by ${taken.by}: stop that, or publish another port.`;
    return new EngineError('conflict', text, { cause: error });
  } catch {
    return error; // whatever cannot be found out now is no better explanation
  }
}

async function publishedPorts(connection: Pick<EngineConnection, 'call'>, container: string): Promise<number[]> {
  const { HostConfig } = await connection.call<ContainerInspectResponse>('GET', `/containers/${container}/json`);
  const bindings = Object.values(HostConfig?.PortBindings ?? {}).flatMap((list) => list ?? []);
  return bindings.map(({ HostPort }) => Number(HostPort)).filter((port) => port > 0);
}

async function takenPort(
  connection: Pick<EngineConnection, 'call' | 'run'>,
  container: string,
  wanted: readonly number[],
): Promise<{ readonly port: number; readonly by: string } | undefined> {
  const others = await connection.call<readonly ContainerSummary[]>('GET', '/containers/json');
  for (const { Id, Names, Ports = [] } of others) {
    const port = Id === container ? undefined : Ports.find(({ PublicPort = 0 }) => wanted.includes(PublicPort));
    if (port !== undefined) return { port: port.PublicPort ?? 0, by: `the container ${Names?.[0]?.slice(1) ?? Id}` };
  }
  const { stdout } = await connection.run('cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; true');
  const listening = listeningPorts(stdout);
  const port = wanted.find((one) => listening.has(one));
  return port === undefined ? undefined : { port, by: 'another program there' };
}

/** From /proc/net/tcp (proc_net_tcp): local address `HEX:PORT`, state 0A is LISTEN. */
export function listeningPorts(table: string): ReadonlySet<number> {
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  return new Set(
    rows.filter(([, , , state]) => state === '0A').map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16)),
  );
}
