/** Dockerfile instructions applied to a configuration outside a build: `docker commit --change`, `docker import --change`. */
import { EngineError } from '#model/engine-api/errors.ts';
import { readTrigger } from '#model/dockerfile/stages.ts';
import type { OciContainerDefaults } from '#model/oci/image-config.ts';
import path from 'node:path';
import { expand } from './build-arguments.ts';
import { applyConfigCommand } from './config-instructions.ts';
import type { Dispatch } from './dispatch.ts';
import { configOf, draftFromImage, lookupVariable, workdirOf } from './stage-draft.ts';

const REFUSED = new Set(['FROM', 'RUN', 'COPY', 'ADD', 'ARG', 'SHELL', 'MAINTAINER']);

/** @param base is not changed. Throws EngineError('invalid') in Docker's words. */
export function applyChanges(base: OciContainerDefaults, changes: readonly string[]): OciContainerDefaults {
  if (changes.length === 0) return base;
  const draft = draftFromImage(base, undefined);
  const hadPath = (base.Env ?? []).some((entry) => entry.startsWith('PATH='));
  if (!hadPath) draft.env.delete('PATH');
  const expandHere = (text: string): string => expand(text, (name) => lookupVariable(draft, name), '\\');
  const dispatch: Dispatch = {
    args: { given: {}, globals: new Map(), unused: () => [], declare: () => undefined, proxies: {} },
    expand: expandHere,
    words: (text) => expandHere(text).split(/\s+/).filter(Boolean),
    document: expandHere,
    from: () => {
      throw new EngineError('invalid', 'there is no other stage to copy from');
    },
  };
  for (const change of changes) {
    const read = readTrigger(change);
    if ('error' in read) throw new EngineError('invalid', read.error);
    const { command } = read.step;
    if (REFUSED.has(command.kind)) throw new EngineError('invalid', `${command.kind} is not a valid change command`);
    if (command.kind === 'WORKDIR')
      draft.config.WorkingDir = path.posix.resolve(workdirOf(draft), expandHere(command.value));
    else if (isConfigCommand(command)) applyConfigCommand(draft, command, dispatch);
  }
  const config = configOf(draft);
  const { Env: _env, ...withoutEnv } = config;
  return draft.env.size === 0 ? withoutEnv : config;
}

type ConfigCommand = Parameters<typeof applyConfigCommand>[1];

function isConfigCommand(command: { readonly kind: string }): command is ConfigCommand {
  return !REFUSED.has(command.kind) && command.kind !== 'WORKDIR';
}
