/** Capabilities of files (capabilities(7)): extended attributes, which Node cannot read, and GNU tar can. */
import { Readable } from 'node:stream';
import type { Host } from '../../host/host.ts';
import { visitTar } from '../../snapshots/tar-entries.ts';
import type { TarEntry } from '../../snapshots/tar-entry.ts';

/** Another program sees what the engine holds open by the engine's own number. */
const seenByOthers = (file: string): string => file.replace(/^\/proc\/self\//, `/proc/${process.pid}/`);

/** Which of these files have some. What is not there has none. */
export async function withCapabilities(host: Host, files: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await host.withCapabilities(files.map(seenByOthers));
  return new Set(files.filter((file) => found.has(seenByOthers(file))));
}

/** Starts a program: only for a file that has some. None when it has lost them meanwhile. */
export async function fileCapabilities(host: Host, file: string): Promise<TarEntry['xattrs']> {
  const attributes = ['--format=posix', '--xattrs', '--xattrs-include=security.capability'];
  const tar = host.spawn('tar', ['--create', '--file=-', '--no-recursion', ...attributes, seenByOthers(file)], {
    stdout: 'pipe',
    stderr: 'ignore',
  });
  let found: TarEntry['xattrs'] = [];
  await visitTar((tar.stdout ?? Readable.from([])) as AsyncIterable<Buffer>, {
    entry: async ({ xattrs }) => void (found = xattrs.map(withoutNamespace)),
    data: async () => {},
    end: async () => {},
  });
  await tar.exited;
  return found;
}

/** The third version of a capability names the root user of a user namespace, which means nothing outside of it. */
function withoutNamespace([name, value]: TarEntry['xattrs'][number]): TarEntry['xattrs'][number] {
  return value.charCodeAt(3) === 3 ? [name, `${value.slice(0, 3)}\x02${value.slice(4, 20)}`] : [name, value];
}
