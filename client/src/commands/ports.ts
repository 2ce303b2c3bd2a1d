/** *Open in Browser*: a port of a container, published or not, on whatever host it is. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerInspectResponse } from '#model/engine-api/types.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { PickItem } from '../views/ui.ts';
import type { Command } from './command.ts';
import { pickContainers, RUNNING } from './containers.ts';
import type { CommandDeps } from './deps.ts';

interface Port {
  readonly inside: number;
  /** On the host; undefined: not published. */
  readonly published: number | undefined;
}

export const portCommands: readonly Command<CommandDeps>[] = [
  {
    id: 'slipway.openInBrowser',
    title: 'Open in Browser',
    icon: 'globe',
    palette: 'slipway.connected',
    places: [
      {
        menu: 'view/item/context',
        view: 'slipway.containers',
        item: String.raw`^container running`,
        group: '2_look@0',
      },
    ],
    async handler(deps, target) {
      const [container] = await pickContainers(deps, target, undefined, 'Open in Browser', RUNNING);
      if (container === undefined) return;
      const { connection, id, name } = container;
      const port = await pickPort(deps, name, await portsOf(connection, id));
      if (port !== undefined) await deps.ui.openExternal(await addressOf(deps, connection, id, port));
    },
  },
];

/** TCP ports that are published, or that the image says are listened on. */
export async function portsOf(connection: Pick<EngineConnection, 'call'>, container: string): Promise<Port[]> {
  const { Config, NetworkSettings } = await connection.call<ContainerInspectResponse>(
    'GET',
    `/containers/${container}/json`,
  );
  const published = Object.entries(NetworkSettings?.Ports ?? {}).map(([name, bindings]) => [name, bindings] as const);
  const exposed = Object.keys(Config?.ExposedPorts ?? {}).map((name) => [name, undefined] as const);
  const ports = new Map<number, Port>();
  for (const [name, bindings] of [...exposed, ...published]) {
    const [, number] = /^(\d+)\/tcp$/.exec(name) ?? [];
    if (number === undefined) continue;
    const outside = Number(bindings?.[0]?.HostPort ?? 0);
    ports.set(Number(number), { inside: Number(number), published: outside === 0 ? undefined : outside });
  }
  return [...ports.values()].sort((a, b) => a.inside - b.inside);
}

async function pickPort({ ui }: CommandDeps, container: string, ports: readonly Port[]): Promise<Port | undefined> {
  const [only, ...others] = ports;
  if (only !== undefined && others.length === 0) return only;
  const items: PickItem<Port | 'other'>[] = [
    ...ports.map((value) => ({
      label: String(value.inside),
      icon: 'globe',
      description: value.published === undefined ? 'not published' : `published as ${value.published}`,
      value,
    })),
    { label: 'Another port…', icon: 'edit', value: 'other' },
  ];
  const picked = only === undefined ? 'other' : await ui.pick(`Open ${container} in Browser`, items);
  if (picked !== 'other') return picked;
  const typed = await ui.ask({
    title: `Open ${container} in Browser`,
    prompt: 'A port that a program in the container listens on; it need not be published',
    placeholder: '3000',
    validate: (text) => (isPort(text) ? undefined : 'A number from 1 to 65535.'),
  });
  return typed === undefined ? undefined : { inside: Number(typed), published: undefined };
}

function isPort(text: string): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) > 0 && Number(text) < 65_536;
}

/** What is published on this machine is reached as it is; everything else through a tunnel. */
async function addressOf(
  deps: CommandDeps,
  connection: EngineConnection,
  container: string,
  { inside, published }: Port,
): Promise<string> {
  if (connection.kind !== 'ssh' && published !== undefined) return `http://127.0.0.1:${published}/`;
  try {
    return `http://127.0.0.1:${await deps.ports.to(connection.id, container, inside)}/`;
  } catch (error) {
    throw error instanceof EngineError
      ? error
      : new EngineError('unavailable', `Port ${inside} cannot be reached.`, { cause: error });
  }
}
