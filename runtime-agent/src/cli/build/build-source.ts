/** What `slipway build` sends: the context with its Dockerfile, wherever each of them is. */
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { EngineError } from '#model/engine-api/errors.ts';
import { readIgnoreFile } from '../../build/context/read-ignore-file.ts';
import { type ArchivedText, contextArchive } from './context-archive.ts';

export interface BuildSource {
  /** The tar stream; undefined when the engine fetches the context itself. */
  readonly body: Readable | undefined;
  readonly remote: string;
  /** The Dockerfile's path in the context. */
  readonly dockerfile: string;
}

const REMOTE = /^(https?:\/\/|git@|git:\/\/|ssh:\/\/)/;
const TAR_MAGIC = /^(?:.{257}ustar|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd)/s;

/** Throws EngineError('invalid') for a context or Dockerfile that is not there. */
export async function openBuildSource(
  context: string,
  file: string | undefined,
  stdin: Readable,
): Promise<BuildSource> {
  if (REMOTE.test(context)) return { body: undefined, remote: context, dockerfile: file ?? 'Dockerfile' };
  if (context === '-') return sourceFromInput(file, await buffer(stdin));
  if (!existsSync(context)) throw new EngineError('invalid', `the context ${context} does not exist`);
  if (!statSync(context).isDirectory()) {
    return { body: createReadStream(context), remote: '', dockerfile: file ?? 'Dockerfile' };
  }
  return sourceFromFolder(context, file, stdin);
}

export interface CheckSource {
  readonly text: string;
  readonly name: string;
  readonly ignoreFile: string | undefined;
}

/** The Dockerfile alone, for looking at it. Throws EngineError('invalid') where it is not at hand. */
export async function readCheckSource(
  context: string,
  file: string | undefined,
  stdin: Readable,
): Promise<CheckSource> {
  if (context === '-' || file === '-')
    return { text: (await buffer(stdin)).toString(), name: 'Dockerfile', ignoreFile: undefined };
  if (REMOTE.test(context)) throw new EngineError('invalid', `--check needs a local context, not ${context}`);
  const written = [
    file ?? path.join(context, 'Dockerfile'),
    ...(file === undefined ? [path.join(context, 'dockerfile')] : []),
  ];
  const found = written.find((one) => existsSync(one));
  const text = found === undefined ? undefined : textOf(found);
  if (found === undefined || text === undefined)
    throw new EngineError('invalid', `the Dockerfile ${written[0]} does not exist`);
  const ignoreFile = textOf(`${found}.dockerignore`) ?? textOf(path.join(context, '.dockerignore'));
  return { text, name: path.basename(found), ignoreFile };
}

async function sourceFromInput(file: string | undefined, bytes: Buffer): Promise<BuildSource> {
  if (TAR_MAGIC.test(bytes.subarray(0, 300).toString('latin1')))
    return { body: Readable.from([bytes]), remote: '', dockerfile: file ?? 'Dockerfile' };
  const extra = [{ name: 'Dockerfile', text: bytes.toString() }];
  const archive = contextArchive({ folder: undefined, ignore: readIgnoreFile(''), always: [], extra });
  return { body: Readable.from(archive, { objectMode: false }), remote: '', dockerfile: 'Dockerfile' };
}

async function sourceFromFolder(folder: string, file: string | undefined, stdin: Readable): Promise<BuildSource> {
  const written = file === '-' ? undefined : path.resolve(file ?? path.join(folder, 'Dockerfile'));
  const inside = written === undefined ? '..' : path.relative(path.resolve(folder), written);
  const own = written === undefined ? undefined : textOf(`${written}.dockerignore`);
  const ignored = own ?? textOf(path.join(folder, '.dockerignore')) ?? '';
  const ignore = readIgnoreFile(ignored);
  const body = (always: readonly string[], extra: readonly ArchivedText[]): Readable => {
    const archive = contextArchive({ folder, ignore, always, extra });
    return Readable.from(archive, { objectMode: false });
  };
  if (!inside.startsWith('..') && !path.isAbsolute(inside)) {
    const lower = inside === 'Dockerfile' ? ['dockerfile'] : [];
    const always = [inside, ...lower, `${inside}.dockerignore`, '.dockerignore'];
    return { body: body(always, []), remote: '', dockerfile: inside };
  }
  // It travels under a name of its own, and is no part of what COPY sees.
  const text = written === undefined ? (await buffer(stdin)).toString() : textOf(written);
  if (text === undefined) throw new EngineError('invalid', `the Dockerfile ${file} does not exist`);
  const name = `.dockerfile.${randomBytes(10).toString('hex')}`;
  const ignoreFile = { name: `${name}.dockerignore`, text: `${ignored}\n${name}\n${name}.dockerignore\n` };
  return { body: body([], [{ name, text }, ignoreFile]), remote: '', dockerfile: name };
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
