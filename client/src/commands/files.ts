/** Commands on the files of containers. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { asFileNode, type FileNode } from '../files/file-uri.ts';
import { type Command, rowsOf } from './command.ts';
import { pickContainers, RUNNING } from './containers.ts';
import type { CommandDeps } from './deps.ts';

const VIEW = 'slipway.files';
const onRow = rowsOf(VIEW);

function clicked(target: unknown): FileNode {
  const node = asFileNode(target);
  if (node === undefined) throw new EngineError('invalid', 'Click a file in the Files view first.');
  return node;
}

const join = (folder: string, name: string): string => path.posix.join(folder, name);

async function askForName({ ui }: CommandDeps, title: string, value = ''): Promise<string | undefined> {
  return await ui.ask({
    title,
    prompt: 'Name',
    value,
    validate: (text) =>
      text === '' || text === '.' || text === '..' || /[/\0\n]/.test(text)
        ? 'A name without / and line breaks.'
        : undefined,
  });
}

async function make(deps: CommandDeps, target: unknown, what: 'file' | 'folder'): Promise<void> {
  const { container, path: folder } = clicked(target);
  const name = await askForName(deps, `New ${what} in ${folder}`);
  if (name === undefined) return;
  const files = deps.files.of(container);
  const wanted = join(folder, name);
  if ((await files.stat(wanted).catch(() => undefined)) !== undefined) {
    throw new EngineError('conflict', `${wanted} is there already.`);
  }
  if (what === 'file') await files.write(wanted, new Uint8Array());
  else await files.makeFolder(wanted);
  deps.files.refresh();
}

async function upload(deps: CommandDeps, target: unknown): Promise<void> {
  const { container, path: folder } = clicked(target);
  const chosen = await deps.ui.chooseFiles(`Upload to ${folder}`);
  if (chosen.length === 0) return;
  await deps.ui.progress(`Uploading to ${folder}`, async (report, signal) => {
    for (const file of chosen) {
      signal.throwIfAborted();
      report(path.basename(file));
      await deps.files.of(container).write(join(folder, path.basename(file)), await readFile(file));
    }
  });
  deps.files.refresh();
}

async function download(deps: CommandDeps, target: unknown): Promise<void> {
  const { container, path: file } = clicked(target);
  const to = await deps.ui.chooseTarget(path.posix.basename(file));
  if (to === undefined) return;
  const bytes = await deps.ui.progress(`Downloading ${file}`, () => deps.files.of(container).read(file));
  await writeFile(to, bytes);
  deps.ui.info(`${file} is at ${to}.`);
}

export const fileCommands: readonly Command<CommandDeps>[] = [
  {
    id: 'slipway.browseFiles',
    title: 'Browse Files',
    icon: 'files',
    palette: 'slipway.connected',
    places: [rowsOf('slipway.containers')('^container running', '2_look@4')],
    async handler(deps, target) {
      const [container] = await pickContainers(deps, target, undefined, 'Browse Files', RUNNING);
      if (container !== undefined) await deps.files.show(container.id, container.name);
    },
  },
  {
    id: 'slipway.refreshFiles',
    title: 'Refresh Files',
    icon: 'refresh',
    palette: 'never',
    places: [{ menu: 'view/title', view: VIEW, group: 'navigation@1', when: 'slipway.filesShown' }],
    handler: (deps) => deps.files.refresh(),
  },
  {
    id: 'slipway.newFile',
    title: 'New File…',
    icon: 'new-file',
    palette: 'never',
    places: [onRow('^folder', '1_new@1')],
    handler: (deps, target) => make(deps, target, 'file'),
  },
  {
    id: 'slipway.newFolder',
    title: 'New Folder…',
    icon: 'new-folder',
    palette: 'never',
    places: [onRow('^folder', '1_new@2')],
    handler: (deps, target) => make(deps, target, 'folder'),
  },
  {
    id: 'slipway.uploadFiles',
    title: 'Upload Files…',
    icon: 'cloud-upload',
    palette: 'never',
    places: [onRow('^folder', 'inline@1'), onRow('^folder', '2_copy@1')],
    handler: upload,
  },
  {
    id: 'slipway.downloadFile',
    title: 'Download…',
    icon: 'cloud-download',
    palette: 'never',
    places: [onRow('^file', 'inline@1'), onRow('^file', '2_copy@2')],
    handler: download,
  },
  {
    id: 'slipway.renameFile',
    title: 'Rename…',
    palette: 'never',
    places: [onRow('^(file|folder|other)', '3_change@1')],
    async handler(deps, target) {
      const { container, path: file } = clicked(target);
      const name = await askForName(deps, `Rename ${file}`, path.posix.basename(file));
      if (name === undefined || name === path.posix.basename(file)) return;
      await deps.files.of(container).rename(file, join(path.posix.dirname(file), name));
      deps.files.refresh();
    },
  },
  {
    id: 'slipway.deleteFile',
    title: 'Delete…',
    icon: 'trash',
    palette: 'never',
    places: [onRow('^(file|folder|other)', '9_remove@1')],
    async handler(deps, target) {
      const { container, path: file, file: kind } = clicked(target);
      const detail =
        kind === 'folder' ? 'With everything in it. It cannot be brought back.' : 'It cannot be brought back.';
      if (!(await deps.ui.confirm(`Delete ${file} in the container?`, detail, 'Delete'))) return;
      await deps.files.of(container).remove(file);
      deps.files.refresh();
    },
  },
];
