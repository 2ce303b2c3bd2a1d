import path from 'node:path';
import type { RunCommand } from '#model/dockerfile/commands.ts';
import { readMountOption } from '#model/dockerfile/mount-option.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { runLine } from './created-by.ts';
import type { Dispatch } from './dispatch.ts';
import { type StageDraft, shellOf, workdirOf } from './stage-draft.ts';
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
  const args = new Map([...draft.args].filter(([name, value]) => value !== undefined && !draft.env.has(name)));
  return {
    createdBy: runLine(draft.args, argv),
    work: {
      kind: 'run',
      argv,
      script,
      env: [...draft.env, ...args].map(([name, value]) => `${name}=${value ?? ''}`),
      proxies: Object.entries(dispatch.args.proxies).map(([name, value]) => `${name}=${value}`),
      user: draft.config.User ?? '',
      workdir: workdirOf(draft),
      mounts: command.mounts.map((option) => planMount(option, workdirOf(draft), dispatch)),
      network: command.network,
      insecure: command.security === 'insecure',
    },
  };
}

function commandOf(draft: StageDraft, { command, inline }: RunCommand) {
  if (command.form === 'exec') return { argv: command.argv, script: undefined };
  const [first] = inline;
  const shell = shellOf(draft);
  if (first === undefined) return { argv: [...shell, command.line], script: undefined };
  const alone = inline.length === 1 && /^\d*<<-?(?:"[^"\s]+"|'[^'\s]+'|[^\s<"']+)$/.test(command.line);
  if (!alone) {
    // The shell reads them itself, from the text as it was written.
    const documents = inline.map(({ name, content }) => `\n${content}${name}`);
    return { argv: [...shell, command.line + documents.join('')], script: undefined };
  }
  if (!first.content.startsWith('#!')) return { argv: [...shell, first.content], script: undefined };
  const script: WrittenFile = { name: first.name, content: first.content };
  return { argv: [`${SCRIPTS_FOLDER}/${first.name}`], script };
}

function planMount(option: string, workdir: string, { expand, from }: Dispatch): WorkMount {
  const read = readMountOption(expand(option));
  if (read.error !== undefined) throw new EngineError('invalid', read.error);
  const { mount } = read;
  const origin = mount.type === 'bind' || mount.type === 'cache' ? mount.from : undefined;
  const target = path.posix.resolve('/', workdir, mount.target);
  return { ...mount, target, files: origin === undefined ? { kind: 'context' } : from(origin) };
}
