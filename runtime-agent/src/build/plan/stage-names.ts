/** What a FROM, a `--from` or a mount's `from` names: an earlier stage, or an image. */
import type { RunCommand } from '#model/dockerfile/commands.ts';
import { splitCsv } from '#model/dockerfile/csv-line.ts';
import type { Stage, Step } from '#model/dockerfile/stages.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { familiarReference, parseReference, withDefaultTag } from '#model/oci/reference.ts';
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

/** What the request says of the name, if it does: `a`, `a:latest` and `docker.io/library/a` are one. */
export function namedContext(contexts: NamedContexts, name: string): ContextBase | undefined {
  const wanted = contextKey(name);
  if (wanted === undefined) return undefined;
  const found = Object.keys(contexts).find((key) => contextKey(key) === wanted);
  const source = found === undefined ? undefined : contexts[found];
  if (found === undefined || source === undefined) return undefined;
  if (source === `${IMAGE}scratch`) return { kind: 'scratch' };
  if (source.startsWith(LAYOUT)) return { kind: 'image', reference: source, context: wanted };
  return source.startsWith(IMAGE)
    ? { kind: 'image', reference: source.slice(IMAGE.length), context: wanted }
    : { kind: 'named', name: found };
}

export type ContextBase = Extract<FilesFrom, { readonly kind: 'image' | 'named' | 'scratch' }>;

function contextKey(name: string): string | undefined {
  try {
    return familiarReference(withDefaultTag(parseReference(name))).replace(/:latest$/, '');
  } catch {
    return undefined;
  }
}

export interface FromScope {
  readonly stages: readonly Stage[];
  /** Index of the stage whose instruction it is. */
  readonly current: number;
  readonly contexts: NamedContexts;
  /** Of a RUN's mount, where a number is an image. */
  readonly isMount: boolean;
}

/** Throws EngineError('invalid') for a stage that is not an earlier one, and for variables. */
export function filesFrom(name: string, { stages, current, contexts, isMount }: FromScope): FilesFrom {
  if (name.includes('$')) {
    const why =
      'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround';
    throw new EngineError('invalid', why);
  }
  const named = namedContext(contexts, name);
  if (named !== undefined) return named;
  const isNumber = !isMount && /^\d+$/.test(name);
  const index = isNumber ? Number(name) : stageNamed(stages, name, current);
  if (index !== undefined && index < current) return { kind: 'stage', index };
  if (isNumber && Number(name) >= stages.length) throw new EngineError('invalid', `invalid stage index ${name}`);
  const later = index ?? stages.find((stage) => stage.name === name.toLowerCase())?.index;
  if (later !== undefined) {
    const own = stages[current]?.name ?? `stage-${current}`;
    const why = `it needs to be defined before current stage ${JSON.stringify(own)}`;
    throw new EngineError('invalid', `cannot copy from stage ${JSON.stringify(name)}, ${why}`);
  }
  if (name === 'scratch') return { kind: 'scratch' };
  checkStageName(name);
  return { kind: 'image', reference: name };
}

/** Clients of the classic builder may name an image so. */
const IMAGE_ID = /^[a-f0-9]{64}$/;

/** Throws EngineError('invalid') in BuildKit's words for what can be no image. */
export function checkStageName(name: string): void {
  if (IMAGE_ID.test(name)) return;
  try {
    parseReference(name);
  } catch (cause) {
    throw new EngineError('invalid', `failed to parse stage name ${JSON.stringify(name)}: ${messageOf(cause)}`, {
      cause,
    });
  }
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

/** The stage to build: by name, or the last one. Throws EngineError('invalid'). */
export function targetStage(stages: readonly Stage[], target: string): number {
  if (target === '') return stages.length - 1;
  const named = stageNamed(stages, target, stages.length);
  if (named !== undefined) return named;
  const near = suggest(
    target,
    stages.flatMap(({ name }) => name ?? []),
  );
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  throw new EngineError('invalid', `target stage "${target}" could not be found${hint}`);
}
