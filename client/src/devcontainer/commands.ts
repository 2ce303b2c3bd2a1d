/** Commands on dev containers. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Command, CommandPlace } from '../commands/command.ts';
import { pickConnection } from '../commands/deps.ts';
import { labelInText } from '../hosts/saved-host.ts';
import { syncChannel } from '../sync/start-folder-sync.ts';
import { copyBackCommand } from './copy-back-command.ts';
import type { DevDeps } from './editor-port.ts';
import { findContainer, idLabels } from './identity.ts';
import { openCommand, pickConfig, pickFolder } from './open-command.ts';

const STOP_SECONDS = 5;
const onHost = (group: string): CommandPlace => ({
  menu: 'view/item/context',
  view: 'slipway.hosts',
  item: String.raw`^host connected`,
  group,
});

export const devContainerCommands: readonly Command<DevDeps>[] = [
  {
    id: 'slipway.openDevContainer',
    title: 'Open Dev Container',
    icon: 'remote-explorer',
    palette: 'workspaceFolderCount > 0',
    places: [
      onHost('inline@1'),
      onHost('1_dev@1'),
      {
        menu: 'view/title',
        view: 'slipway.containers',
        group: 'navigation@1',
        when: 'slipway.connected && workspaceFolderCount > 0',
      },
    ],
    handler: async (deps, target) => await openCommand(deps, target, false),
  },
  {
    id: 'slipway.rebuildDevContainer',
    title: 'Rebuild Dev Container',
    palette: 'workspaceFolderCount > 0',
    places: [onHost('1_dev@2')],
    handler: async (deps, target) => await openCommand(deps, target, true),
  },
  {
    id: 'slipway.stopDevContainer',
    title: 'Stop Dev Container',
    palette: 'workspaceFolderCount > 0',
    places: [onHost('1_dev@3')],
    handler: stop,
  },
  {
    id: 'slipway.showDevContainerLog',
    title: 'Show Dev Container Log',
    handler: ({ ui }) => ui.channel('Slipway Dev Container').show(),
  },
  { id: 'slipway.showSyncLog', title: 'Show Sync Log', handler: ({ ui }) => syncChannel(ui).show() },
  {
    id: 'slipway.copyContainerChanges',
    title: 'Copy Container Changes to Local Folder',
    handler: copyBackCommand,
  },
];

async function stop(deps: DevDeps, target: unknown): Promise<void> {
  const folder = await pickFolder(deps);
  if (folder === undefined) return;
  const connection = await pickConnection(deps, target, 'Stop Dev Container');
  if (connection === undefined) return;
  const configFile = await pickConfig(deps, folder);
  if (configFile === undefined) return;
  await deps.ui.progress('Stopping the dev container', async (_report, signal) => {
    const container = await findContainer(connection, idLabels(folder, configFile), signal);
    if (container?.Id === undefined) {
      throw new EngineError('not-found', `There is no dev container of ${folder} on ${labelInText(connection.label)}.`);
    }
    const session = deps.sessions.of(connection.id, folder);
    await session.detach();
    await session.endSync();
    await connection.call('POST', `/containers/${container.Id}/stop`, { query: { t: STOP_SECONDS }, signal });
  });
}
