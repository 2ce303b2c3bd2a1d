/** Hands the files of a tar archive to a client that puts them into a folder (FileSend/DiffCopy with fsutil's packets). */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContextTree } from '../../build/context/context-tree.ts';
import { receiveContext } from '../../build/context/receive-context.ts';
import { type TreeEntry, walkTree } from '../../build/files/file-tree.ts';
import { GO_MODE } from '../messages/go-mode.ts';
import { PACKET, Packet } from '../messages/session.ts';
import type { GrpcStream } from '../wire/grpc-client.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import type { ClientSession } from './sessions.ts';

type FilePacket = ValueOf<typeof Packet>;

/** Bytes of a file in one packet. */
const CHUNK = 32 * 1024;

export interface SendFolderOptions {
  readonly method: string;
  /** Where the files lie until the client has them. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

export async function sendFolder(
  { client }: Pick<ClientSession, 'client'>,
  tar: Readable,
  { method, directory, signal }: SendFolderOptions,
): Promise<void> {
  const spool = path.join(directory, `export-${randomBytes(8).toString('hex')}`);
  using received = await receiveContext(tar, spool, signal);
  const tree = received.index.tree(received.spool);
  const stream = client.stream(method, [Packet, Packet], { signal });
  const files = new Map<number, string>();
  const telling = tellOfFiles(tree, stream, files);
  for await (const packet of stream.answers) {
    if (packet.type === PACKET.error) throw new EngineError('invalid', packet.data.toString('utf8'));
    if (packet.type === PACKET.request) await sendContent(tree, packet.ID, files, stream);
    if (packet.type !== PACKET.finish) continue;
    await stream.send({ type: PACKET.finish });
    stream.end();
  }
  await telling;
}

async function tellOfFiles(
  tree: ContextTree,
  stream: GrpcStream<FilePacket, FilePacket>,
  files: Map<number, string>,
): Promise<void> {
  let id = 0;
  for (const { path: name, entry } of walkTree(tree, '')) {
    if (name === '') continue;
    if (entry.kind === 'file') files.set(id, name);
    id++;
    await stream.send({ type: PACKET.stat, stat: statOf(name, entry) });
  }
  await stream.send({ type: PACKET.stat });
}

async function sendContent(
  tree: ContextTree,
  ID: number,
  files: ReadonlyMap<number, string>,
  stream: GrpcStream<FilePacket, FilePacket>,
): Promise<void> {
  const name = files.get(ID);
  if (name === undefined) throw new EngineError('invalid', `the client asked for a file that there is not (${ID})`);
  for await (const bytes of tree.read(name) as AsyncIterable<Buffer>) {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      await stream.send({ type: PACKET.data, ID, data: bytes.subarray(at, at + CHUNK) });
    }
  }
  await stream.send({ type: PACKET.data, ID });
}

function statOf(name: string, entry: TreeEntry) {
  const [letter, major, minor] = entry.node ?? [];
  return {
    path: name,
    mode: goMode(entry),
    size: entry.kind === 'directory' ? 0 : entry.size,
    modTime: BigInt(Math.round(entry.mtime)) * 1_000_000_000n,
    linkname: entry.target,
    devmajor: letter === 'p' ? 0 : Number(major ?? 0),
    devminor: letter === 'p' ? 0 : Number(minor ?? 0),
  };
}

function goMode({ kind, mode, node }: TreeEntry): number {
  const { directory, symlink, pipe, device, character, setuid, setgid, sticky } = GO_MODE;
  const special = (mode & 0o4000 ? setuid : 0) | (mode & 0o2000 ? setgid : 0) | (mode & 0o1000 ? sticky : 0);
  const kinds = {
    file: 0,
    directory,
    symlink,
    other: node?.[0] === 'p' ? pipe : device | (node?.[0] === 'c' ? character : 0),
  };
  return (kinds[kind] | special | (mode & 0o777)) >>> 0;
}
