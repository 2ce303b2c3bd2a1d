/** Commands on containers. */
import type { ContainerSummary } from '#model/engine-api/types.ts';
import { containerName, uptimeOf } from '../explorer/containers.ts';
import { bytes, plural } from '../explorer/words.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { labelInText } from '../hosts/saved-host.ts';
import { explainStart } from '../hosts/taken-port.ts';
import { execProgram, SHELL_COMMAND } from '../terminal/exec-program.ts';
import { logsProgram } from '../terminal/logs-program.ts';
import type { PickItem } from '../views/ui.ts';
import { type Command, type CommandPlace, rowsOf } from './command.ts';
import { asNode, asNodes, type CommandDeps, connectionOf, pickConnection } from './deps.ts';

export interface ContainerRef {
  readonly connection: EngineConnection;
  readonly id: string;
  readonly name: string;
}

/** Which containers a command is for. */
interface Wanted {
  readonly test: (container: ContainerSummary) => boolean;
  /** Of such a container, for messages. */
  readonly adjective?: string;
}

const isUp: Wanted['test'] = ({ State }) => State === 'running' || State === 'paused' || State === 'restarting';
const UP: Wanted = { test: isUp, adjective: 'running' };
const DOWN: Wanted = { test: (container) => !isUp(container), adjective: 'stopped' };
const PAUSED: Wanted = { test: ({ State }) => State === 'paused', adjective: 'paused' };
const ANY: Wanted = { test: () => true };
export const RUNNING: Wanted = { test: ({ State }) => State === 'running', adjective: 'running' };

/** The clicked containers (of a project: all it has), or one picked from a list. */
export async function pickContainers(
  deps: CommandDeps,
  target: unknown,
  selection: readonly unknown[] | undefined,
  title: string,
  wanted = ANY,
): Promise<ContainerRef[]> {
  const nodes = asNodes(target, selection);
  if (nodes.length > 0) {
    const leaves = nodes.flatMap((node) => (node.kind === 'project' ? (node.children ?? []) : [node]));
    return leaves.flatMap((node) => refOf(deps, node.hostId, node.id, wanted));
  }
  const items = deps.hosts.connections().flatMap((connection) => {
    const snapshot = deps.snapshot(connection.id);
    return (snapshot?.containers ?? []).filter(wanted.test).map((container): PickItem<ContainerRef> => {
      const name = containerName(container);
      const started = snapshot?.startedAt.get(container.Id ?? '');
      return {
        label: name,
        description: container.Image ?? '',
        detail: `${connection.label} · ${uptimeOf(container, started, Date.now())}`,
        value: { connection, id: container.Id ?? '', name },
      };
    });
  });
  if (items.length === 0) {
    const { adjective } = wanted;
    deps.ui.info(
      `${title}: there is no ${adjective === undefined ? '' : `${adjective} `}container on a connected host.`,
    );
    return [];
  }
  const picked = await deps.ui.pick(title, items, { placeholder: 'Which container?' });
  return picked === undefined ? [] : [picked];
}

function refOf(deps: CommandDeps, hostId: string, id: string, { test }: Wanted): ContainerRef[] {
  const container = deps.snapshot(hostId)?.containers.find((each) => each.Id === id);
  if (container === undefined || !test(container)) return [];
  return [{ connection: connectionOf(deps, hostId), id, name: containerName(container) }];
}

const VIEW = 'slipway.containers';

const onRow = rowsOf(VIEW);

/** A verb of the API for each of the chosen containers, at the same time. */
async function forEach(
  deps: CommandDeps,
  containers: readonly ContainerRef[],
  doing: string,
  act: (container: ContainerRef, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  if (containers.length === 0) return;
  const what = containers.length === 1 ? (containers[0]?.name ?? '') : plural(containers.length, 'container');
  await deps.ui.progress(`${doing} ${what}`, async (_report, signal) => {
    const results = await Promise.allSettled(containers.map((container) => act(container, signal)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  });
}

interface Verb {
  readonly id: Command<CommandDeps>['id'];
  readonly title: string;
  readonly icon?: string;
  readonly doing: string;
  readonly path: string;
  readonly wanted: Wanted;
  readonly places: readonly CommandPlace[];
}

const VERBS: readonly Verb[] = [
  {
    id: 'slipway.startContainer',
    title: 'Start Container',
    icon: 'play',
    doing: 'Starting',
    path: 'start',
    wanted: DOWN,
    places: [
      onRow(String.raw`^container (exited|created|dead)`, 'inline@1'),
      onRow(String.raw`^container (exited|created|dead)`, '1_state@1'),
    ],
  },
  {
    id: 'slipway.stopContainer',
    title: 'Stop Container',
    icon: 'debug-stop',
    doing: 'Stopping',
    path: 'stop',
    wanted: UP,
    places: [
      onRow(String.raw`^container (running|paused|restarting)`, 'inline@9'),
      onRow(String.raw`^container (running|paused|restarting)`, '1_state@2'),
    ],
  },
  {
    id: 'slipway.restartContainer',
    title: 'Restart Container',
    icon: 'debug-restart',
    doing: 'Restarting',
    path: 'restart',
    wanted: ANY,
    places: [onRow(String.raw`^container (running|restarting)`, '1_state@3')],
  },
  {
    id: 'slipway.pauseContainer',
    title: 'Pause Container',
    icon: 'debug-pause',
    doing: 'Pausing',
    path: 'pause',
    wanted: RUNNING,
    places: [onRow(String.raw`^container running`, '1_state@4')],
  },
  {
    id: 'slipway.unpauseContainer',
    title: 'Resume Container',
    icon: 'debug-continue',
    doing: 'Resuming',
    path: 'unpause',
    wanted: PAUSED,
    places: [onRow(String.raw`^container paused`, 'inline@1'), onRow(String.raw`^container paused`, '1_state@4')],
  },
  {
    id: 'slipway.killContainer',
    title: 'Kill Container',
    icon: 'flame',
    doing: 'Killing',
    path: 'kill',
    wanted: UP,
    places: [onRow(String.raw`^container (running|paused|restarting)`, '1_state@5')],
  },
];

const verbs = VERBS.map(
  ({ doing, path, wanted, ...data }): Command<CommandDeps> => ({
    ...data,
    palette: 'slipway.connected',
    handler: async (deps, target, selection) => {
      const containers = await pickContainers(deps, target, selection, data.title, wanted);
      await forEach(deps, containers, doing, async ({ connection, id }, signal) => {
        try {
          await connection.call('POST', `/containers/${id}/${path}`, { signal });
        } catch (error) {
          throw path === 'start' ? await explainStart(connection, id, error) : error;
        }
      });
    },
  }),
);

const others: readonly Command<CommandDeps>[] = [
  {
    id: 'slipway.removeContainer',
    title: 'Remove Container…',
    icon: 'trash',
    palette: 'slipway.connected',
    places: [
      onRow(String.raw`^container (exited|created|dead)`, 'inline@9'),
      onRow(String.raw`^container\b`, '9_remove@1'),
    ],
    async handler(deps, target, selection) {
      const containers = await pickContainers(deps, target, selection, 'Remove Container');
      if (containers.length === 0) return;
      const what = containers.length === 1 ? (containers[0]?.name ?? '') : plural(containers.length, 'container');
      const detail = 'What it wrote outside of named volumes is lost. A running container is stopped first.';
      if (!(await deps.ui.confirm(`Remove ${what}?`, detail, 'Remove'))) return;
      await forEach(deps, containers, 'Removing', ({ connection, id }, signal) =>
        connection.call('DELETE', `/containers/${id}`, { query: { force: true, v: true }, signal }),
      );
    },
  },
  {
    id: 'slipway.showLogs',
    title: 'Show Logs',
    icon: 'output',
    palette: 'slipway.connected',
    places: [
      onRow(String.raw`^container (running|paused|restarting|exited|dead)`, 'inline@3'),
      onRow(String.raw`^container\b`, '2_look@1'),
    ],
    async handler(deps, target, selection) {
      for (const { connection, id, name } of await pickContainers(deps, target, selection, 'Show Logs')) {
        deps.ui.openTerminal(`Logs: ${name}`, 'output', logsProgram(connection, id, name));
      }
    },
  },
  {
    id: 'slipway.openContainerShell',
    title: 'Open Shell',
    icon: 'terminal',
    palette: 'slipway.connected',
    places: [onRow(String.raw`^container running`, 'inline@4'), onRow(String.raw`^container running`, '2_look@2')],
    async handler(deps, target, selection) {
      for (const { connection, id, name } of await pickContainers(deps, target, selection, 'Open Shell', RUNNING)) {
        deps.ui.openTerminal(name, 'terminal', execProgram(connection, id, { command: SHELL_COMMAND }));
      }
    },
  },
  {
    id: 'slipway.inspectContainer',
    title: 'Inspect Container',
    icon: 'json',
    palette: 'slipway.connected',
    places: [onRow(String.raw`^container\b`, '2_look@5')],
    async handler(deps, target, selection) {
      for (const { connection, id, name } of await pickContainers(deps, target, selection, 'Inspect Container')) {
        const inspected = await connection.call<object>('GET', `/containers/${id}/json`, { query: { size: true } });
        await deps.ui.openText(`${name}.json`, 'json', JSON.stringify(inspected, undefined, 2));
      }
    },
  },
  {
    id: 'slipway.copyContainerId',
    title: 'Copy Container ID',
    palette: 'never',
    places: [onRow(String.raw`^container\b`, '8_copy@1')],
    async handler(deps, target) {
      const node = asNode(target);
      if (node !== undefined) await deps.ui.copy(node.id);
    },
  },
  {
    id: 'slipway.pruneContainers',
    title: 'Remove Stopped Containers…',
    icon: 'clear-all',
    palette: 'slipway.connected',
    places: [{ menu: 'view/title', view: VIEW, group: '9_prune', when: 'slipway.connected' }],
    async handler(deps, target) {
      const connection = await pickConnection(deps, target, 'Remove Stopped Containers');
      if (connection === undefined) return;
      const detail = 'What they wrote outside of volumes is lost.';
      if (
        !(await deps.ui.confirm(`Remove all stopped containers on ${labelInText(connection.label)}?`, detail, 'Remove'))
      )
        return;
      const answer = await deps.ui.progress('Removing stopped containers', (_report, signal) =>
        connection.call<PruneAnswer>('POST', '/containers/prune', { signal }),
      );
      const count = answer.ContainersDeleted?.length ?? 0;
      deps.ui.info(`${plural(count, 'container')} removed, ${bytes(answer.SpaceReclaimed ?? 0)} freed.`);
    },
  },
];

interface PruneAnswer {
  readonly ContainersDeleted?: readonly string[] | null;
  readonly SpaceReclaimed?: number;
}

export const containerCommands: readonly Command<CommandDeps>[] = [...verbs, ...others];
