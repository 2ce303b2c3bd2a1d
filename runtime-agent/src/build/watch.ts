/** What a build tells of itself, piece by piece, for who shows more than the classic builder's text. */
import type { BuildWarning } from '#model/rules/build-warnings.ts';
import { parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { DockerfileText } from './client-files.ts';
import type { PlannedStage, PlannedStep } from './plan/work.ts';
import { stepId } from './step-id.ts';
import type { StepOutput } from './step-output.ts';

export type WatchEvent =
  /** Something that will be done; `inputs` are the tasks that it waits for. */
  | { readonly kind: 'task'; readonly id: string; readonly name: string; readonly inputs: readonly string[] }
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'ended'; readonly id: string; readonly cached?: boolean; readonly error?: unknown }
  | { readonly kind: 'output'; readonly id: string; readonly stream: 'stdout' | 'stderr'; readonly chunk: Buffer }
  /** A part of a task: `current` and `total` in bytes, where it has some. */
  | {
      readonly kind: 'part';
      readonly id: string;
      readonly part: string;
      readonly current?: number;
      readonly total?: number;
      readonly done: boolean;
    }
  /** `check` is where the text comes from, if it is one of BuildKit's. */
  | { readonly kind: 'warning'; readonly text: string; readonly check?: BuildWarning }
  | { readonly kind: 'dockerfile'; readonly file: DockerfileText };

export type Watch = (event: WatchEvent) => void;

/** Does the work as a task of its own. */
export async function asTask<T>(
  watch: Watch,
  task: { readonly id: string; readonly name: string },
  work: () => Promise<T>,
): Promise<T> {
  const { id } = task;
  watch({ kind: 'task', ...task, inputs: [] });
  watch({ kind: 'started', id });
  try {
    const result = await work();
    watch({ kind: 'ended', id });
    return result;
  } catch (error) {
    watch({ kind: 'ended', id, error });
    throw error;
  }
}

/** The steps that change files, and the images below them, as tasks with the names that BuildKit gives them. */
export function watchedSteps(
  stages: readonly PlannedStage[],
  stageCount: number,
): Extract<WatchEvent, { kind: 'task' }>[] {
  const bases = new Set<string>(); // several stages of one image begin with the same task
  return stages.flatMap((stage) => {
    const title = stageCount === 1 && !takesFiles(stage) ? '' : `${stage.name ?? `stage-${stage.index}`} `;
    const shown = stage.steps.flatMap((step, i) =>
      step.work.kind === 'none' || step.isBase ? [] : [{ step, id: stepId(stage.index, i + 1) }],
    );
    const { base } = stage;
    const total = stage.steps.filter(isCounted).length + (base.kind === 'image' ? 1 : 0);
    const named = (at: number, text: string): string =>
      `[${title}${String(at).padStart(String(total).length)}/${total}] ${text}`;
    const steps = shown.map(({ step, id }, i) => ({
      kind: 'task' as const,
      id,
      name: named(i + (isFetched(base) ? 2 : 1), `${step.isTrigger ? 'ONBUILD ' : ''}${step.shown}`),
      inputs: i === 0 ? [] : [shown[i - 1]?.id ?? ''],
    }));
    if (base.kind !== 'image' || base.reference.includes('://') || bases.has(base.reference)) return steps;
    bases.add(base.reference);
    const from =
      base.context === undefined
        ? named(1, `FROM ${wholeName(base.reference)}`)
        : `[context ${base.context}] ${base.reference}`;
    return [{ kind: 'task' as const, id: stepId(stage.index, 0), name: from, inputs: [] }, ...steps];
  });
}

/** What another build made, or the request names, is no image that FROM fetches. */
function isFetched(base: PlannedStage['base']): boolean {
  return base.kind === 'image' && base.context === undefined && !base.reference.includes('://');
}

/** To BuildKit an image that files come from, and the mounts of a RUN, are stages too, so that the one stage needs a name. */
function takesFiles({ steps }: PlannedStage): boolean {
  return steps.some(
    ({ work }) =>
      (work.kind === 'run' && work.mounts.length > 0) || (work.kind === 'copy' && work.from.kind === 'image'),
  );
}

/** `WORKDIR /` counts, although nothing is to be done for it, and so does every trigger. */
function isCounted({ work, original, isTrigger }: PlannedStep): boolean {
  return work.kind !== 'none' || isTrigger || /^WORKDIR\b/i.test(original);
}

/** `busybox:latest` as `docker.io/library/busybox`, as exporters say it. */
export function namingOf(name: string): string {
  const { domain, path, tag } = parseReference(name);
  return `${domain}/${path}${tag === undefined || tag === 'latest' ? '' : `:${tag}`}`;
}

/** `busybox` as `docker.io/library/busybox:latest`. */
export function wholeName(reference: string): string {
  if (reference.includes('://')) return reference; // an image in a folder
  const parsed = withDefaultTag(parseReference(reference));
  const { domain, path, tag, digest } = parsed;
  return `${domain}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Tells the watcher what the output hears, and what there is to do. */
export function watchedOutput(
  output: StepOutput,
  stages: readonly PlannedStage[],
  stageCount: number,
  watch: Watch | undefined,
): StepOutput {
  if (watch === undefined) return output;
  for (const task of watchedSteps(stages, stageCount)) watch(task);
  return {
    ...output,
    write(step, stream, chunk) {
      watch({ kind: 'output', id: step, stream, chunk });
      output.write(step, stream, chunk);
    },
  };
}
