/** Commands on volumes and networks. */
import { bytes, plural } from '../explorer/words.ts';
import { labelInText } from '../hosts/saved-host.ts';
import type { Command } from './command.ts';
import { asNodes, type CommandDeps, connectionOf, pickConnection } from './deps.ts';

const VOLUMES = 'slipway.volumes';
const NETWORKS = 'slipway.networks';

type Kind = 'volume' | 'network';

async function remove(deps: CommandDeps, kind: Kind, target: unknown, selection?: readonly unknown[]): Promise<void> {
  const nodes = asNodes(target, selection).filter((node) => node.kind === kind);
  if (nodes.length === 0) return;
  const what = nodes.length === 1 ? `${kind} ${nodes[0]?.label ?? ''}` : plural(nodes.length, kind);
  const detail = kind === 'volume' ? 'The data in it is lost.' : 'Containers can no longer reach one another over it.';
  if (!(await deps.ui.confirm(`Remove ${what}?`, detail, 'Remove'))) return;
  await deps.ui.progress(`Removing ${what}`, async (_report, signal) => {
    for (const node of nodes) {
      await connectionOf(deps, node.hostId).call('DELETE', `/${kind}s/${encodeURIComponent(node.id)}`, { signal });
    }
  });
}

async function inspect(deps: CommandDeps, kind: Kind, target: unknown): Promise<void> {
  for (const node of asNodes(target, undefined)) {
    const path = `/${kind}s/${encodeURIComponent(node.id)}`;
    const inspected = await connectionOf(deps, node.hostId).call<object>('GET', path);
    await deps.ui.openText(`${node.label}.json`, 'json', JSON.stringify(inspected, undefined, 2));
  }
}

async function create(deps: CommandDeps, kind: Kind, target: unknown): Promise<void> {
  const connection = await pickConnection(deps, target, `Create a ${kind}`);
  if (connection === undefined) return;
  const name = await deps.ui.ask({
    title: `Create a ${kind} on ${labelInText(connection.label)}`,
    prompt: 'Name',
    validate: (text) =>
      /^[a-zA-Z0-9][\w.-]+$/.test(text) ? undefined : 'Letters, digits, _ . and - only, two or more of them.',
  });
  if (name !== undefined) await connection.call('POST', `/${kind}s/create`, { body: { Name: name } });
}

async function prune(deps: CommandDeps, kind: Kind, target: unknown): Promise<void> {
  const connection = await pickConnection(deps, target, `Remove Unused ${kind}s`);
  if (connection === undefined) return;
  const detail = kind === 'volume' ? 'The data in anonymous volumes that no container uses is lost.' : '';
  if (!(await deps.ui.confirm(`Remove unused ${kind}s on ${labelInText(connection.label)}?`, detail, 'Remove'))) return;
  const answer = await deps.ui.progress(`Removing unused ${kind}s`, (_report, signal) =>
    connection.call<{
      readonly VolumesDeleted?: readonly string[] | null;
      readonly NetworksDeleted?: readonly string[] | null;
      readonly SpaceReclaimed?: number;
    }>('POST', `/${kind}s/prune`, { signal }),
  );
  const count = (answer.VolumesDeleted ?? answer.NetworksDeleted ?? []).length;
  const freed = kind === 'volume' ? `, ${bytes(answer.SpaceReclaimed ?? 0)} freed` : '';
  deps.ui.info(`${plural(count, kind)} removed${freed}.`);
}

export const storageCommands: readonly Command<CommandDeps>[] = [
  {
    id: 'slipway.createVolume',
    title: 'Create Volume…',
    icon: 'add',
    palette: 'slipway.connected',
    places: [{ menu: 'view/title', view: VOLUMES, group: 'navigation@1', when: 'slipway.connected' }],
    handler: (deps, target) => create(deps, 'volume', target),
  },
  {
    id: 'slipway.inspectVolume',
    title: 'Inspect Volume',
    icon: 'json',
    palette: 'never',
    places: [{ menu: 'view/item/context', view: VOLUMES, item: '^volume', group: '2_look@1' }],
    handler: (deps, target) => inspect(deps, 'volume', target),
  },
  {
    id: 'slipway.removeVolume',
    title: 'Remove Volume…',
    icon: 'trash',
    palette: 'never',
    places: [{ menu: 'view/item/context', view: VOLUMES, item: '^volume unused', group: '9_remove@1' }],
    handler: (deps, target, selection) => remove(deps, 'volume', target, selection),
  },
  {
    id: 'slipway.pruneVolumes',
    title: 'Remove Unused Volumes…',
    icon: 'clear-all',
    palette: 'slipway.connected',
    places: [{ menu: 'view/title', view: VOLUMES, group: '9_prune', when: 'slipway.connected' }],
    handler: (deps, target) => prune(deps, 'volume', target),
  },
  {
    id: 'slipway.createNetwork',
    title: 'Create Network…',
    icon: 'add',
    palette: 'slipway.connected',
    places: [{ menu: 'view/title', view: NETWORKS, group: 'navigation@1', when: 'slipway.connected' }],
    handler: (deps, target) => create(deps, 'network', target),
  },
  {
    id: 'slipway.inspectNetwork',
    title: 'Inspect Network',
    icon: 'json',
    palette: 'never',
    places: [{ menu: 'view/item/context', view: NETWORKS, item: '^network', group: '2_look@1' }],
    handler: (deps, target) => inspect(deps, 'network', target),
  },
  {
    id: 'slipway.removeNetwork',
    title: 'Remove Network…',
    icon: 'trash',
    palette: 'never',
    places: [{ menu: 'view/item/context', view: NETWORKS, item: '^network own', group: '9_remove@1' }],
    handler: (deps, target, selection) => remove(deps, 'network', target, selection),
  },
  {
    id: 'slipway.pruneNetworks',
    title: 'Remove Unused Networks…',
    icon: 'clear-all',
    palette: 'slipway.connected',
    places: [{ menu: 'view/title', view: NETWORKS, group: '9_prune', when: 'slipway.connected' }],
    handler: (deps, target) => prune(deps, 'network', target),
  },
];
