/** Brings the editor's server to the host, to be mounted into containers from there. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Mount, SystemInfo } from '#model/engine-api/types.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { quote } from '../hosts/shell-quote.ts';
import { editorArchive } from './editor-archive.ts';
import type { EditorSource } from './editor-source.ts';
import type { Steps } from './steps.ts';

export const EDITOR_FOLDER = '/opt/slipway/ide';
export const EDITOR_NODE = '/opt/slipway/node';

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'x64', aarch64: 'arm64', amd64: 'x64' };

/**
 * On this machine the server is mounted as it is; an SSH host gets a copy, once per version.
 * @param cacheFolder for the archive  @param home the folder of Slipway on SSH hosts, absolute or starting with `~/`
 */
export async function placeEditor(
  connection: EngineConnection,
  source: EditorSource,
  { cacheFolder, home }: { readonly cacheFolder: string; readonly home: string },
  steps: Steps,
): Promise<readonly Mount[]> {
  const { signal } = steps;
  const { Architecture = '' } = await connection.call<SystemInfo>('GET', '/info', { signal });
  const arch = ARCHITECTURES[Architecture] ?? Architecture;
  if (arch !== source.arch) {
    const text = `${connection.label} is an ${Architecture} machine, but the editor's server here is for ${source.arch}: set slipway.devContainer.serverPath to one for ${Architecture}.`;
    throw new EngineError('not-implemented', text);
  }
  if (connection.kind !== 'ssh') return mounts(source.root, source.node);
  const base = await remoteHome(connection, home, signal);
  const folder = `${base}/editor/${source.version}`;
  const ownNode = `${folder}/node`;
  const node = (await nodeThere(connection, base, source, signal)) ?? ownNode;
  const there = await connection.run(`test -f ${quote(folder)}/ide/out/server-main.js && test -x ${quote(node)}`, {
    signal,
  });
  if (there.code !== 0) await send(connection, source, { cacheFolder, folder, withNode: node === ownNode }, steps);
  return mounts(`${folder}/ide`, node);
}

function mounts(root: string, node: string): Mount[] {
  return [
    { Type: 'bind', Source: root, Target: EDITOR_FOLDER, ReadOnly: true },
    { Type: 'bind', Source: node, Target: EDITOR_NODE, ReadOnly: true },
  ];
}

async function remoteHome(connection: EngineConnection, home: string, signal: AbortSignal): Promise<string> {
  if (!home.startsWith('~/')) return home;
  const { stdout } = await connection.run('printf %s "$HOME"', { signal });
  return `${stdout.trim()}/${home.slice(2)}`;
}

/**
 * The Node.js that runs Slipway's engine there, if Slipway has put it there: such a build runs in containers, too. It is a
 * third of what would have to be sent. The server's native modules need the same major version.
 */
async function nodeThere(
  connection: EngineConnection,
  base: string,
  { nodeMajor }: EditorSource,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (nodeMajor === undefined) return undefined;
  const own = `${quote(base)}/node`;
  const script = `for node in ${own}/node_modules/node-linux-*/bin/node ${own}/bin/node; do
  [ -x "$node" ] && printf '%s %s\\n' "$("$node" --version)" "$node"
done
true`;
  const { stdout } = await connection.run(script, { signal });
  const line = stdout.split('\n').find((one) => one.startsWith(`v${nodeMajor}.`));
  return line?.slice(line.indexOf(' ') + 1);
}

interface Sending {
  /** For the archive, here. */
  readonly cacheFolder: string;
  /** There. */
  readonly folder: string;
  readonly withNode: boolean;
}

async function send(
  connection: EngineConnection,
  source: EditorSource,
  { cacheFolder, folder, withNode }: Sending,
  steps: Steps,
): Promise<void> {
  const { signal } = steps;
  steps.begin(`Sending the editor's server to ${connection.label} (once per version)`);
  const archive = await editorArchive(source, cacheFolder, { withNode }, signal);
  const remote = `${folder}.tar.gz`;
  const parent = folder.slice(0, folder.lastIndexOf('/'));
  await mustRun(connection, `mkdir -p ${quote(parent)}`, signal);
  await connection.upload(archive, remote, {
    signal,
    progress: (bytes, total) =>
      steps.report(`Sending the editor's server: ${megabytes(bytes)} of ${megabytes(total)}`, (100 * bytes) / total),
  });
  const fresh = quote(`${folder}.new`);
  const unpack = `rm -rf ${fresh} && mkdir ${fresh} && tar -xzf ${quote(remote)} -C ${fresh} && rm -rf ${quote(folder)} && mv ${fresh} ${quote(folder)} && rm -f ${quote(remote)}`;
  await mustRun(connection, unpack, signal);
}

async function mustRun(connection: EngineConnection, command: string, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await connection.run(command, { signal });
  if (code === 0) return;
  throw new EngineError('unavailable', `${connection.label} does not take the editor's server: ${stderr.trim()}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
