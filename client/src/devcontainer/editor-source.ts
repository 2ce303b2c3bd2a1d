/** The VS Code server that is to run inside dev containers: the one that this very window is served by. */
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';

export interface EditorSource {
  /** Holds out/server-main.js. */
  readonly root: string;
  /** A Node.js binary for Linux. */
  readonly node: string;
  /** Of the binary, where it is known without running it. */
  readonly nodeMajor: number | undefined;
  /** Differs when anything of it does. */
  readonly version: string;
  /** Of the binary, as process.arch names it. */
  readonly arch: string;
}

export interface EditorPlaces {
  /** vscode.env.appRoot. */
  readonly appRoot: string;
  /** process.execPath of the extension host. */
  readonly execPath: string;
  /** The setting slipway.devContainer.serverPath; '' when it is not set. */
  readonly configured: string;
}

/** Throws EngineError('not-found') that names the setting. */
export async function findEditorSource({ appRoot, execPath, configured }: EditorPlaces): Promise<EditorSource> {
  const root = configured === '' ? appRoot : configured;
  const advice =
    'Download the VS Code Server (or code-server) for Linux, unpack it, and name its folder (with out/server-main.js in it) in the setting slipway.devContainer.serverPath.';
  if (!(await isFile(path.join(root, 'out', 'server-main.js')))) {
    const why =
      configured === '' ? 'This editor has no server that could run in a container.' : `${root} is no VS Code server.`;
    throw new EngineError('not-found', `${why} ${advice}`);
  }
  const own = path.join(root, 'node');
  const node = (await isFile(own)) ? own : execPath;
  const arch = await linuxArch(node);
  if (arch === undefined || !path.basename(node).startsWith('node')) {
    throw new EngineError('not-found', `There is no Node.js for Linux in ${root}. ${advice}`);
  }
  const { size } = await stat(node);
  const nodeMajor = node === process.execPath ? Number.parseInt(process.versions.node, 10) : undefined;
  return {
    root,
    node,
    nodeMajor,
    version: `${(await commitOf(root)).slice(0, 12)}-${size.toString(36)}-${arch}`,
    arch,
  };
}

/** From the head of an ELF file (elf.h: e_machine); undefined for programs of other systems. */
async function linuxArch(file: string): Promise<string | undefined> {
  await using handle = await open(file, 'r');
  const head = Buffer.alloc(20);
  await handle.read(head, 0, head.length, 0);
  if (head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  return { 0x3e: 'x64', 0xb7: 'arm64' }[head.readUInt16LE(18)];
}

async function commitOf(root: string): Promise<string> {
  try {
    const product: unknown = JSON.parse(await readFile(path.join(root, 'product.json'), 'utf8'));
    const commit = typeof product === 'object' && product !== null && 'commit' in product ? product.commit : undefined;
    if (typeof commit === 'string' && /^[0-9a-f]+$/.test(commit)) return commit;
  } catch {
    // then by the time it was installed
  }
  return (await stat(path.join(root, 'out', 'server-main.js'))).mtimeMs.toString(16).replace('.', '');
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}
