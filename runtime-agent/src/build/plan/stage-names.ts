/** What a FROM, a `--from` or a mount's `from` names: an earlier stage, or an image. */
import type { RunCommand } from '#model/dockerfile/commands.ts';
import { splitCsv } from '#model/dockerfile/csv-line.ts';
import type { Stage, Step } from '#model/dockerfile/stages.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { suggest } from '#model/text/suggest.ts';
import type { FilesFrom } from './work.ts';

/** The last stage of that name before the stage `current`. */
export function stageNamed(stages: readonly Stage[], name: string, current: number): number | undefined {
  return stages.slice(0, current).findLast((stage) => stage.name === name.toLowerCase())?.index;
}

/** Named contexts of the request, which go before stages and images of the same names. */
export type NamedContexts = Readonly<Record<string, string>>;

const IMAGE = 'docker-image://';
const LAYOUT = 'oci-layout://';

/** What the request says of the name, if it does. */
export function namedContext(contexts: NamedContexts, name: string): FilesFrom | undefined {
  const found = Object.keys(contexts).find((key) => key.toLowerCase() === name.toLowerCase());
  const source = found === undefined ? undefined : contexts[found];
  if (found === undefined || source === undefined) return undefined;
  if (source.startsWith(LAYOUT)) return { kind: 'image', reference: source };
  return source.startsWith(IMAGE)
    ? { kind: 'image', reference: source.slice(IMAGE.length) }
    : { kind: 'named', name: found };
}

export interface FromScope {
  readonly stages: readonly Stage[];
  /** Index of the stage whose instruction it is. */
  readonly current: number;
  readonly contexts: NamedContexts;
  /** Of a RUN's mount, where a number is an image. */
  readonly isMount: boolean;
}

/** Throws EngineError('invalid') for a number that is no earlier stage's, and for variables. */
export function filesFrom(name: string, { stages, current, contexts, isMount }: FromScope): FilesFrom {
  if (name.includes('$')) {
    const why =
      'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround';
    throw new EngineError('invalid', why);
  }
  const named = namedContext(contexts, name);
  if (named !== undefined) return named;
  const index = stageNamed(stages, name, current);
  if (index !== undefined) return { kind: 'stage', index };
  if (stages[current]?.name === name.toLowerCase() && stages[current]?.name !== undefined)
    throw new EngineError('invalid', `circular dependency detected on stage: ${name}`);
  if (isMount || !/^\d+$/.test(name)) return { kind: 'image', reference: name };
  const isOwn = Number(name) === current;
  if (Number(name) >= current)
    throw new EngineError(
      'invalid',
      isOwn ? `circular dependency detected on stage: stage-${name}` : `invalid stage index ${name}`,
    );
  return { kind: 'stage', index: Number(name) };
}

/** The stages and images whose files the instruction takes. */
export function originsOf({ command }: Step): string[] {
  if (command.kind === 'COPY' || command.kind === 'ADD')
    return command.flags.from === undefined ? [] : [command.flags.from];
  return command.kind === 'RUN' ? mountOrigins(command) : [];
}

function mountOrigins({ mounts }: RunCommand): string[] {
  return mounts.flatMap((option) =>
    splitCsv(option)
      .filter((field) => /^from=./i.test(field))
      .map((field) => field.slice('from='.length)),
  );
}

/** The stage to build: by name, by number, or the last one. Throws EngineError('invalid'). */
export function targetStage(stages: readonly Stage[], target: string): number {
  if (target === '') return stages.length - 1;
  const named = stageNamed(stages, target, stages.length);
  if (named !== undefined) return named;
  if (/^\d+$/.test(target) && Number(target) < stages.length) return Number(target);
  const near = suggest(
    target,
    stages.flatMap(({ name }) => name ?? []),
  );
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  throw new EngineError('invalid', `target stage "${target}" could not be found${hint}`);
}
