import path from 'node:path';
import type { RunCommand } from '#model/dockerfile/commands.ts';
import { type CacheMount, readMountOption } from '#model/dockerfile/mount-option.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { runLine } from './created-by.ts';
import type { Dispatch } from './dispatch.ts';
import { type StageDraft, shellOf, workdirOf } from './stage-draft.ts';
import { isWholeDocument } from './whole-document.ts';
import type { RunWork, WorkMount, WrittenFile } from './work.ts';

/** Where a here-document with a `#!` line is found in the container. */
export const SCRIPTS_FOLDER = '/dev/pipes';

export interface PlannedRun {
  readonly work: RunWork;
  readonly createdBy: string;
}

/** Throws EngineError('invalid'). */
export function planRun(draft: StageDraft, command: RunCommand, dispatch: Dispatch): PlannedRun {
  const { argv, script } = commandOf(draft, command);
  if (argv.length === 0) throw new EngineError('invalid', 'failed to marshal LLB definition: arguments are required');
  const { variables } = draft;
  const args = new Map([...draft.args].map(([name, value]) => [name, variables.get(name) ?? value ?? '']));
  return {
    createdBy: runLine(args, argv),
    work: {
      kind: 'run',
      argv,
      script,
      env: [...variables].map(([name, value]) => `${name}=${value}`),
      proxies: proxyVariables(dispatch.args.proxies),
      user: draft.config.User ?? '',
      workdir: workdirOf(draft),
      mounts: command.mounts.map((option) => planMount(option, workdirOf(draft), dispatch)),
      network: command.network,
      insecure: command.security === 'insecure',
    },
  };
}

/** A proxy that was given in one case is there in both. */
function proxyVariables(proxies: Readonly<Record<string, string>>): string[] {
  const both = new Map<string, string>();
  for (const [name, value] of Object.entries(proxies)) {
    const names = [name, name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()];
    for (const each of names) if (!both.has(each) || each === name) both.set(each, value);
  }
  return [...both].map(([name, value]) => `${name}=${value}`);
}

function commandOf(draft: StageDraft, run: RunCommand) {
  const { command, inline } = run;
  if (command.form === 'exec') return { argv: command.argv, script: undefined };
  const [first] = inline;
  const shell = shellOf(draft);
  if (first === undefined) return { argv: [...shell, command.line], script: undefined };
  if (!isWholeDocument(run)) {
    // The shell reads them itself, from the text as it was written.
    const documents = inline.map(({ name, written }) => `\n${written}${name}`);
    return { argv: [...shell, command.line + documents.join('')], script: undefined };
  }
  // Tabs that will go count: BuildKit looks at the text as it was written.
  if (!first.written.startsWith('#!')) return { argv: [...shell, first.content], script: undefined };
  const script: WrittenFile = { name: first.name, content: first.content };
  return { argv: [...shell, `${SCRIPTS_FOLDER}/${first.name}`], script };
}

function planMount(option: string, workdir: string, { expand, from, args }: Dispatch): WorkMount {
  const read = readMountOption(expand(option));
  if (read.error !== undefined) throw new EngineError('invalid', read.error);
  const mount = read.mount.type === 'cache' ? cacheMount(read.mount, args.given) : read.mount;
  const origin = mount.type === 'bind' || mount.type === 'cache' ? mount.from : undefined;
  const target = path.posix.resolve('/', workdir, mount.target);
  if (target === '/') throw new EngineError('invalid', 'invalid mount target "/"');
  return { ...mount, target, files: origin === undefined ? { kind: 'context' } : from(origin, true) };
}

/** A cache that is not named is its target's, and may be kept apart from other users' (BUILDKIT_CACHE_MOUNT_NS). */
function cacheMount(mount: CacheMount, given: Readonly<Record<string, string>>): CacheMount {
  const id = mount.id === mount.target ? path.posix.join(mount.target, '.').replace(/(?<=.)\/$/, '') : mount.id;
  const namespace = given['BUILDKIT_CACHE_MOUNT_NS'];
  return { ...mount, id: namespace ? `${namespace}/${id}` : id };
}
