/**
 * Takes files from a client over moby.filesync.v1.FileSync/DiffCopy (the protocol of tonistiigi/fsutil): the client tells of
 * every file; those that are not here as they are there are asked for by the number of their telling.
 */
import { createHash, type Hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { EngineError } from '#model/engine-api/errors.ts';
import { GO_MODE } from '../messages/go-mode.ts';
import { PACKET, Packet, type Stat } from '../messages/session.ts';
import type { GrpcStream } from '../wire/grpc-client.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import type { ContextLease, KeptFile } from './kept-contexts.ts';

type FilePacket = ValueOf<typeof Packet>;
type FileStat = ValueOf<typeof Stat>;

interface Arriving {
  readonly path: string;
  readonly stat: FileStat;
  readonly hash: Hash;
  readonly offset: number;
  chunks: Buffer[];
  size: number;
}

/** Gives all files by path, parents first, and keeps them in the lease. @param progress bytes that have come in all */
export async function receiveFiles(
  stream: GrpcStream<FilePacket, FilePacket>,
  lease: ContextLease,
  progress: (bytes: number) => void = () => {},
): Promise<ReadonlyMap<string, KeptFile>> {
  const files = new Map<string, KeptFile>();
  const links: { readonly path: string; readonly to: string }[] = [];
  const arriving = new Map<number, Arriving>();
  let [told, bytes, toldAll, finished] = [0, 0, false, false];
  const onStat = (stat: FileStat): void => {
    const path = checkedPath(stat.path);
    const id = told++;
    const known = lease.files.get(path);
    if (hasContent(stat)) {
      if (stat.linkname !== '') {
        links.push({ path, to: checkedPath(stat.linkname) });
        return;
      }
      if (known !== undefined && isSame(known, stat)) {
        files.set(path, known);
        return;
      }
      // The place is kept in the order of the telling: parents stand before what is in them.
      files.set(path, fileOf(stat, { offset: 0, digest: '', size: 0 }));
      const offset = lease.reserve(stat.size);
      arriving.set(id, { path, stat, hash: createHash('sha256'), offset, chunks: [], size: 0 });
      void stream.send({ type: PACKET.request, ID: id });
      return;
    }
    if ((stat.mode & GO_MODE.socket) !== 0) return;
    const file = fileOf(stat, { offset: 0, digest: '', size: 0 });
    files.set(path, known !== undefined && isSameEntry(known, file) ? known : file);
  };
  const onData = (id: number, data: Buffer): void => {
    const file = arriving.get(id);
    if (file === undefined)
      throw new EngineError('invalid', `the client sent a file that it was not asked for (${id})`);
    if (data.length > 0) {
      file.hash.update(data);
      putData(file, data, lease);
      return;
    }
    arriving.delete(id);
    files.set(file.path, fileOf(file.stat, { ...placeOf(file, lease), digest: file.hash.digest('hex') }));
  };
  const onPacket = ({ type, ID, data, stat }: FilePacket): void => {
    bytes += data.length + (stat?.path?.length ?? 0);
    if (type === PACKET.data) onData(ID, data);
    else if (type === PACKET.error) throw new EngineError('invalid', data.toString('utf8'));
    else if (type === PACKET.stat && stat === undefined) toldAll = true;
    else if (type === PACKET.stat) onStat(stat as FileStat);
  };
  for await (const packets of stream.answers.batches) {
    for (const packet of packets) onPacket(packet);
    progress(bytes);
    if (!toldAll || arriving.size > 0 || finished) continue;
    finished = true;
    void stream.send({ type: PACKET.finish });
    stream.end();
  }
  if (!finished) throw new EngineError('invalid', 'the client stopped in the middle of the build context');
  for (const { path, to } of links) {
    const original = files.get(to);
    if (original === undefined)
      throw new EngineError('invalid', `the hard link ${path} in the build context leads nowhere`);
    files.set(path, original);
  }
  lease.commit(files);
  return files;
}

function hasContent({ mode }: FileStat): boolean {
  return (mode & (GO_MODE.directory | GO_MODE.symlink | GO_MODE.device | GO_MODE.pipe | GO_MODE.socket)) === 0;
}

function isSame(known: KeptFile, { mode, size, modTime }: FileStat): boolean {
  return known.kind === 'file' && known.size === size && known.modified === modTime && known.mode === modeOf(mode);
}

/** Of what has no content. */
function isSameEntry(known: KeptFile, { kind, mode, modified, target, node }: KeptFile): boolean {
  return (
    known.kind === kind &&
    known.mode === mode &&
    known.modified === modified &&
    known.target === target &&
    String(known.node) === String(node)
  );
}

/** A file that grows while it is read has what is too much for its place put together at its end. */
function putData(file: Arriving, data: Buffer, lease: ContextLease): void {
  const room = Math.max(0, file.stat.size - file.size);
  const fitting = data.subarray(0, room);
  for (let at = 0; at < fitting.length; ) {
    at += writeSync(lease.spool, fitting, at, fitting.length - at, file.offset + file.size + at);
  }
  if (data.length > room) file.chunks.push(Buffer.from(data.subarray(room)));
  file.size += data.length;
}

function placeOf(
  { stat, chunks, offset, size, path }: Arriving,
  lease: ContextLease,
): { offset: number; size: number } {
  if (chunks.length === 0) return { offset, size };
  const rest = Buffer.concat(chunks);
  const isNext = lease.reserve(rest.length) === offset + stat.size;
  if (!isNext) {
    throw new EngineError('invalid', `${path} grew while it was sent: run the build again when nothing writes to it`);
  }
  writeSync(lease.spool, rest, 0, rest.length, offset + stat.size);
  return { offset, size };
}

function fileOf(
  { mode, modTime, linkname, devmajor, devminor }: FileStat,
  content: Pick<KeptFile, 'offset' | 'digest' | 'size'>,
): KeptFile {
  const common = {
    mode: modeOf(mode),
    uid: 0, // whoever sent it: in the image it belongs to root
    gid: 0,
    mtime: Number(modTime / 1_000_000_000n),
    modified: modTime,
    target: '',
    ...content,
  };
  if (mode & GO_MODE.directory) return { ...common, kind: 'directory' };
  if (mode & GO_MODE.symlink) return { ...common, kind: 'symlink', target: linkname };
  if (mode & GO_MODE.pipe) return { ...common, kind: 'other', node: ['p'] };
  if (mode & GO_MODE.device) {
    const letter = mode & GO_MODE.character ? 'c' : 'b';
    return { ...common, kind: 'other', node: [letter, String(devmajor), String(devminor)] };
  }
  return { ...common, kind: 'file' };
}

function modeOf(mode: number): number {
  const special =
    (mode & GO_MODE.setuid ? 0o4000 : 0) | (mode & GO_MODE.setgid ? 0o2000 : 0) | (mode & GO_MODE.sticky ? 0o1000 : 0);
  return (mode & 0o777) | special;
}

/** Empty parts, `.` and `..`. */
const UNCLEAN = /(^|\/)(\.{0,2})(\/|$)|\0/;

/** Throws EngineError('invalid') for one that leads out of the context. */
function checkedPath(path: string): string {
  if (!UNCLEAN.test(path)) return path;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || parts.length === 0 || path.includes('\0')) {
    throw new EngineError('invalid', `forbidden path outside the build context: ${path}`);
  }
  return parts.join('/');
}
