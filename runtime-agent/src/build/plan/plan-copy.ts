import path from 'node:path';
import type { AddCommand, CopyCommand } from '#model/dockerfile/commands.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { parseModeChange } from '../files/mode-change.ts';
import { isGitAddress } from '../steps/git-address.ts';
import { copyLine } from './created-by.ts';
import type { Dispatch } from './dispatch.ts';
import { type StageDraft, workdirOf } from './stage-draft.ts';
import type { CopyWork, FilesFrom } from './work.ts';

const REMOTE = /^(https?:\/\/|git@|git:\/\/|ssh:\/\/)/;

export interface PlannedCopy {
  readonly work: CopyWork;
  readonly createdBy: string;
}

/** COPY and ADD. Throws EngineError('invalid'). */
export function planCopy(draft: StageDraft, command: CopyCommand | AddCommand, dispatch: Dispatch): PlannedCopy {
  const { expand } = dispatch;
  const optional = (text: string | undefined): string | undefined => (text === undefined ? undefined : expand(text));
  const { flags } = command;
  const [chown, chmod] = [optional(flags.chown), optional(flags.chmod)];
  const sources = command.sources.map(expand);
  const destination = expand(command.destination);
  const isAdd = command.kind === 'ADD';
  const remotes = isAdd ? sources.filter((source) => REMOTE.test(source)) : [];
  const far = isAdd ? undefined : sources.find((source) => REMOTE.test(source));
  if (far !== undefined) {
    const what = isGitAddress(far) ? 'git ref' : 'URL';
    throw new EngineError('invalid', `source can't be a ${what} for COPY (did you mean ADD?)`);
  }
  if (chmod) parseModeChange(chmod);
  const inline = command.inline.map(({ name, content, expand: expanded }) => ({
    name,
    content: expanded ? dispatch.document(content) : content,
  }));
  const checksum = isAdd ? optional(command.flags.checksum) : undefined;
  if (checksum !== undefined) {
    if (sources.length !== 1) throw new EngineError('invalid', "checksum can't be specified for multiple sources");
    if (remotes.length !== 1) throw new EngineError('invalid', 'checksum requires HTTP(S) or Git sources');
    checkDigest(checksum);
  }
  const deep = inline.find(({ name }) => name.includes('/'));
  if (deep !== undefined) throw new EngineError('invalid', `open /${deep.name}: no such file or directory`);
  const marks = command.inline.map(({ name }) => `<<${name}`);
  return {
    createdBy: copyLine({ keyword: command.kind, chown, chmod, sources: [...sources, ...marks], destination }),
    work: {
      kind: 'copy',
      keyword: command.kind,
      from: flags.from === undefined ? { kind: 'context' } : dispatch.from(flags.from, false),
      sources: sources.filter((source) => !remotes.includes(source)),
      remotes,
      inline,
      destination: absolute(destination, workdirOf(draft)),
      chown: chown || undefined,
      chmod: chmod || undefined,
      link: flags.link,
      parents: flags.parents,
      exclude: flags.exclude,
      checksum,
      keepGitDir: isAdd && command.flags.keepGitDir,
      unpack: isAdd ? command.flags.unpack : false,
    },
  };
}

/** In the words of go-digest. Git commits have no algorithm in front. */
function checkDigest(checksum: string): void {
  if (/^[0-9a-f]{7,40}$/.test(checksum)) return; // of a commit, or its beginning
  const [, algorithm = '', hex = ''] = /^([a-z0-9]+):([a-zA-Z0-9=_-]+)$/.exec(checksum) ?? [];
  const refuse = (why: string): never => {
    throw new EngineError('invalid', why);
  };
  if (algorithm === '') refuse('invalid checksum digest format');
  if (algorithm !== 'sha256') refuse('unsupported digest algorithm');
  if (hex.length !== 64) refuse('invalid checksum digest length');
}

/** All files from there, as they are. */
export function copyEverything(from: FilesFrom): CopyWork {
  return {
    kind: 'copy',
    keyword: 'COPY',
    from,
    sources: ['/'],
    remotes: [],
    inline: [],
    destination: '/',
    chown: undefined,
    chmod: undefined,
    link: false,
    parents: false,
    exclude: [],
    checksum: undefined,
    keepGitDir: false,
    unpack: false,
  };
}

/** Relative to the working directory; `.` and a slash at the end stay a folder's sign. */
function absolute(destination: string, workdir: string): string {
  const joined = path.posix.resolve('/', workdir, destination);
  const isFolder = /(^|\/)\.{0,2}$/.test(destination) && joined !== '/';
  return isFolder ? `${joined}/` : joined;
}
