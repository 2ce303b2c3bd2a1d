import { EngineError } from '#model/engine-api/errors.ts';
import type { DevDeps } from './editor-port.ts';

/** Brings what was changed in containers into the local folders, for every synced folder of this window. */
export async function copyBackCommand({ sessions, ui }: DevDeps): Promise<void> {
  const syncs = sessions.all().flatMap((session) => session.currentSync() ?? []);
  if (syncs.length === 0) {
    throw new EngineError('not-found', 'No folder is being synced: open its dev container on an SSH host first.');
  }
  const results = await ui.progress('Copying changes from the container', async (_report, signal) => {
    return await Promise.all(syncs.map(async (sync) => await sync.copyBack(signal)));
  });
  const copied = results.flatMap((result) => result.copied);
  const besides = results.flatMap((result) => result.besides);
  const said = `${copied.length === 1 ? '1 file' : `${copied.length} files`} copied from the container.`;
  if (besides.length === 0) ui.info(said);
  else ui.warn(`${said} Changed here too, so put beside the local version: ${besides.join(', ')}`);
}
