/** Commands on Compose projects: all their containers, in the order of their dependencies. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerSummary, Network } from '#model/engine-api/types.ts';
import { PROJECT_LABEL, SERVICE_LABEL } from '../explorer/compose-labels.ts';
import { containerName } from '../explorer/containers.ts';
import { plural } from '../explorer/words.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { projectLogsProgram } from '../terminal/project-logs-program.ts';
import { type Command, type CommandPlace, rowsOf } from './command.ts';
import { asNode, type CommandDeps, connectionOf } from './deps.ts';
import { membersOf, startGroups } from './project-order.ts';

interface Project {
  readonly connection: EngineConnection;
  readonly name: string;
  readonly members: readonly ContainerSummary[];
}

/** The clicked one, else one picked among those of all hosts. */
async function pickProject(deps: CommandDeps, target: unknown, title: string): Promise<Project | undefined> {
  const node = asNode(target);
  if (node?.kind === 'project') {
    const members = membersOf(deps.snapshot(node.hostId)?.containers ?? [], node.id);
    return { connection: connectionOf(deps, node.hostId), name: node.id, members };
  }
  const all = deps.hosts.connections().flatMap((connection) => {
    const containers = deps.snapshot(connection.id)?.containers ?? [];
    const names = new Set(containers.flatMap(({ Labels }) => Labels?.[PROJECT_LABEL] ?? []));
    return [...names].map((name): Project => ({ connection, name, members: membersOf(containers, name) }));
  });
  if (all.length === 0) throw new EngineError('not-found', `${title}: no Compose project is on any connected host.`);
  const items = all.map((value) => ({
    label: value.name,
    icon: 'layers',
    description: value.connection.label,
    value,
  }));
  return await deps.ui.pick(title, items, { placeholder: 'Which Compose project?' });
}

const isUp = ({ State }: ContainerSummary): boolean => State === 'running' || State === 'paused';

interface Verb {
  readonly verb: 'start' | 'stop' | 'restart';
  readonly title: string;
  readonly icon: string;
  readonly doing: string;
  readonly concerns: (container: ContainerSummary) => boolean;
  readonly places: readonly CommandPlace[];
}

const onRow = rowsOf('slipway.containers');

const VERBS: readonly Verb[] = [
  {
    verb: 'start',
    title: 'Start Project',
    icon: 'play',
    doing: 'Starting',
    concerns: (container) => !isUp(container),
    places: [onRow('^project (stopped|partly)', 'inline@1'), onRow('^project (stopped|partly)', '1_state@1')],
  },
  {
    verb: 'stop',
    title: 'Stop Project',
    icon: 'debug-stop',
    doing: 'Stopping',
    concerns: isUp,
    places: [onRow('^project (running|partly)', 'inline@9'), onRow('^project (running|partly)', '1_state@2')],
  },
  {
    verb: 'restart',
    title: 'Restart Project',
    icon: 'debug-restart',
    doing: 'Restarting',
    concerns: () => true,
    places: [onRow('^project (running|partly)', 'inline@8'), onRow('^project', '1_state@3')],
  },
];

async function act(deps: CommandDeps, { connection, members, name }: Project, verb: Verb): Promise<void> {
  const groups = startGroups(members);
  if (verb.verb === 'stop') groups.reverse();
  await deps.ui.progress(`${verb.doing} ${name}`, async (report, signal) => {
    for (const group of groups) {
      const concerned = group.filter(verb.concerns);
      if (concerned.length === 0) continue;
      report(concerned.map((container) => container.Labels?.[SERVICE_LABEL] ?? containerName(container)).join(', '));
      await Promise.all(
        concerned.map(({ Id = '' }) => connection.call('POST', `/containers/${Id}/${verb.verb}`, { signal })),
      );
    }
  });
}

/** What `docker compose down` removes; named volumes stay. */
async function remove(deps: CommandDeps, { connection, members, name }: Project): Promise<void> {
  const detail = `${plural(members.length, 'container')} and the networks of the project. What was written outside of named volumes is lost; the volumes stay.`;
  if (!(await deps.ui.confirm(`Remove the project ${name}?`, detail, 'Remove'))) return;
  await deps.ui.progress(`Removing ${name}`, async (_report, signal) => {
    for (const group of startGroups(members).reverse()) {
      await Promise.all(
        group.map(({ Id = '' }) =>
          connection.call('DELETE', `/containers/${Id}`, { query: { force: true, v: true }, signal }),
        ),
      );
    }
    const filters = JSON.stringify({ label: [`${PROJECT_LABEL}=${name}`] });
    const networks = await connection.call<readonly Network[]>('GET', '/networks', { query: { filters }, signal });
    for (const { Id = '' } of networks) await connection.call('DELETE', `/networks/${Id}`, { signal });
  });
}

export const projectCommands: readonly Command<CommandDeps>[] = [
  ...VERBS.map(
    (verb): Command<CommandDeps> => ({
      id: `slipway.${verb.verb}Project`,
      title: verb.title,
      icon: verb.icon,
      palette: 'slipway.connected',
      places: verb.places,
      async handler(deps, target) {
        const project = await pickProject(deps, target, verb.title);
        if (project !== undefined) await act(deps, project, verb);
      },
    }),
  ),
  {
    id: 'slipway.showProjectLogs',
    title: 'Show Project Logs',
    icon: 'output',
    palette: 'slipway.connected',
    places: [onRow('^project', 'inline@3'), onRow('^project', '2_look@1')],
    async handler(deps, target) {
      const project = await pickProject(deps, target, 'Show Project Logs');
      if (project === undefined) return;
      const services = project.members.map((container) => ({
        id: container.Id ?? '',
        name: container.Labels?.[SERVICE_LABEL] ?? containerName(container),
      }));
      deps.ui.openTerminal(`Logs: ${project.name}`, 'output', projectLogsProgram(project.connection, services));
    },
  },
  {
    id: 'slipway.removeProject',
    title: 'Remove Project…',
    icon: 'trash',
    palette: 'slipway.connected',
    places: [onRow('^project stopped', 'inline@9'), onRow('^project', '9_remove@1')],
    async handler(deps, target) {
      const project = await pickProject(deps, target, 'Remove Project');
      if (project !== undefined) await remove(deps, project);
    },
  },
];
