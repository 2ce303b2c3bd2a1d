/** Dev containers outlive the editor: when it is back, their sync and the measuring of saves go on. */
import { messageOf } from '#model/engine-api/errors.ts';
import { measureMounted } from '../sync/measure-mounted.ts';
import { startFolderSync, syncChannel } from '../sync/start-folder-sync.ts';
import { copyBackCommand } from './copy-back-command.ts';
import { findConfigFiles } from './config-file.ts';
import type { DevDeps } from './editor-port.ts';
import { findContainer, idLabels, LABELS } from './identity.ts';

/** Looks at every host when it is connected, once for each folder. @returns the end of looking */
export function resumeDevContainers(deps: DevDeps): () => void {
  const looked = new Set<string>();
  const look = (): void => {
    for (const { id } of deps.hosts.connections()) {
      for (const folder of deps.editor.workspaceFolders()) {
        const key = `${id}\0${folder}`;
        if (looked.has(key)) continue;
        looked.add(key);
        void resume(deps, id, folder).catch((error: unknown) => deps.ui.log(`${folder}: ${messageOf(error)}`));
      }
    }
  };
  look();
  return deps.hosts.onChange(look);
}

async function resume(deps: DevDeps, hostId: string, folder: string): Promise<void> {
  const { hosts, ui, editor, sessions } = deps;
  const connection = hosts.connection(hostId);
  if (connection === undefined) return;
  const { signal } = new AbortController();
  for (const file of await findConfigFiles(folder)) {
    const container = await findContainer(connection, idLabels(folder, file), signal);
    const inside = container?.Labels?.[LABELS.inside];
    if (container?.Id === undefined || container.State !== 'running' || inside === undefined) continue;
    const session = sessions.of(hostId, folder);
    if (session.container() !== undefined) return;
    const place = { container: container.Id, folder: inside };
    const name = container.Labels?.[LABELS.workspace];
    if (name === undefined) {
      const live = () => hosts.connection(hostId) ?? connection;
      await session.attach(container.Id, await measureMounted(folder, place, live, syncChannel(ui).line));
      return;
    }
    const sync = { hostId, folder, name };
    const syncDeps = { ui, hosts, storage: editor.storage, copyBack: () => copyBackCommand(deps) };
    const running = await session.sync(() => startFolderSync(sync, syncDeps, () => {}, signal));
    running.measureIn(place);
    ui.log(`${folder}: its dev container is still running on ${connection.label}; the sync goes on.`);
    return;
  }
}
