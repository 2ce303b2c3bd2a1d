import path from 'node:path';
import { readTrigger } from '#model/dockerfile/stages.ts';
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { OciContainerDefaults } from '#model/oci/image-config.ts';
import { type BuildArguments, expand } from './plan/build-arguments.ts';
import { applyConfigCommand } from './plan/config-instructions.ts';
import { configOf, draftFromImage, workdirOf } from './plan/stage-draft.ts';

const ALLOWED = [
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
];
const NO_ARGUMENTS: BuildArguments = {
  given: {},
  globals: new Map(),
  unused: () => [],
  declare: (_name, fallback) => fallback?.(),
  proxies: {},
};

/**
 * An image's configuration with the changes of `docker commit --change` and `docker import --change`: Dockerfile
 * instructions. Throws EngineError('invalid') in Docker's words.
 */
export function applyChanges(base: OciContainerDefaults, changes: readonly string[]): OciContainerDefaults {
  if (changes.length === 0) return base;
  const draft = draftFromImage(base, undefined);
  // A build's stages always have a PATH; changes add nothing that nobody asked for.
  if (!base.Env?.some((entry) => entry.startsWith('PATH='))) draft.env.delete('PATH');
  const lookup = (name: string): string | undefined => draft.variables.get(name);
  const expandIt = (text: string): string => expand(text, lookup, '\\');
  const refuseFrom = (): never => {
    throw new EngineError('invalid', 'there are no stages here');
  };
  const dispatch = {
    args: NO_ARGUMENTS,
    expand: expandIt,
    words: (text: string) => expandIt(text).split(/\s+/),
    document: (text: string) => text,
    from: refuseFrom,
  };
  const { instructions } = parseDockerfile(changes.join('\n'));
  if (instructions.length === 0) throw new EngineError('invalid', 'file with no instructions');
  for (const { joined } of instructions) {
    const change = joined.text;
    const [name = ''] = change.trim().split(/\s/);
    if (!ALLOWED.includes(name.toUpperCase()))
      throw new EngineError('invalid', `${name} is not a valid change command`);
    const read = readTrigger(change);
    if ('error' in read) {
      const [, unknown] = /^unknown instruction: (.*)$/.exec(read.error) ?? [];
      throw new EngineError('invalid', unknown ? `${unknown} is not a valid change command` : read.error);
    }
    const { command } = read.step;
    if (command.kind === 'WORKDIR')
      draft.config.WorkingDir = path.posix.resolve(workdirOf(draft), expandIt(command.value));
    else if (command.kind !== 'FROM' && command.kind !== 'RUN' && command.kind !== 'COPY' && command.kind !== 'ADD') {
      applyConfigCommand(draft, command, dispatch);
    }
  }
  const { Env = [], ArgsEscaped: _builds, ...rest } = configOf(draft);
  return Env.length === 0 ? rest : { ...rest, Env };
}
