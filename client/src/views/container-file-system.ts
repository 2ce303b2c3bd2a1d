/** Files of containers as documents of the editor: opened, changed and saved like any other. */
import * as vscode from 'vscode';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { ContainerFiles } from '../files/container-files.ts';
import { FILES_SCHEME } from '../files/file-uri.ts';
import type { FileEntry } from '../files/listing.ts';

/** @param filesOf of a container by its id. Throws while its host is not connected. */
export function containerFileSystem(
  filesOf: (container: string) => ContainerFiles,
  onChange: () => void,
): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const at = ({ authority }: vscode.Uri): ContainerFiles => filesOf(authority);
  const tell = (type: vscode.FileChangeType, ...uris: vscode.Uri[]): void => {
    changed.fire(uris.map((uri) => ({ type, uri })));
    onChange();
  };
  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined), // a container does not tell
    stat: (uri) => translated(uri, async () => statOf(await at(uri).stat(uri.path))),
    readDirectory: (uri) =>
      translated(uri, async () =>
        (await at(uri).list(uri.path)).map((entry): [string, vscode.FileType] => [entry.name, statOf(entry).type]),
      ),
    readFile: (uri) => translated(uri, () => at(uri).read(uri.path)),
    writeFile: (uri, content, { create, overwrite }) =>
      translated(uri, async () => {
        const there = await at(uri)
          .stat(uri.path)
          .catch(() => undefined);
        if (there === undefined && !create) throw vscode.FileSystemError.FileNotFound(uri);
        if (there !== undefined && create && !overwrite) throw vscode.FileSystemError.FileExists(uri);
        await at(uri).write(uri.path, content);
        tell(there === undefined ? vscode.FileChangeType.Created : vscode.FileChangeType.Changed, uri);
      }),
    createDirectory: (uri) =>
      translated(uri, async () => {
        await at(uri).makeFolder(uri.path);
        tell(vscode.FileChangeType.Created, uri);
      }),
    delete: (uri) =>
      translated(uri, async () => {
        await at(uri).remove(uri.path);
        tell(vscode.FileChangeType.Deleted, uri);
      }),
    rename: (from, to) =>
      translated(from, async () => {
        await at(from).rename(from.path, to.path);
        tell(vscode.FileChangeType.Deleted, from);
        tell(vscode.FileChangeType.Created, to);
      }),
  };
  const registered = vscode.workspace.registerFileSystemProvider(FILES_SCHEME, provider, { isCaseSensitive: true });
  return vscode.Disposable.from(registered, changed);
}

function statOf({ kind, link, size, changed }: FileEntry): vscode.FileStat {
  const { File, Directory, Unknown, SymbolicLink } = vscode.FileType;
  const type = kind === 'file' ? File : kind === 'folder' ? Directory : Unknown;
  // oxlint-disable-next-line no-unsafe-enum-assignment -- a bit mask, as VS Code documents it
  return { type: link ? type | SymbolicLink : type, size, mtime: changed, ctime: changed };
}

async function translated<T>(uri: vscode.Uri, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.code === 'not-found') throw vscode.FileSystemError.FileNotFound(uri);
    throw vscode.FileSystemError.Unavailable(messageOf(error));
  }
}
