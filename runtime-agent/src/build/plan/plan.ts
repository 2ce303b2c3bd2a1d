/** Dockerfile and base images -> what to do, stage by stage. Pure: nothing here touches a file. */
import path from 'node:path';
import { expandText } from '#model/dockerfile/expand.ts';
import type { Span } from '#model/text/span.ts';
import type { StagedDockerfile, Step } from '#model/dockerfile/stages.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { failure } from '../failure-cause.ts';
import { type BuildArguments, expand } from './build-arguments.ts';
import { applyConfigCommand } from './config-instructions.ts';
import { pairsLine } from './created-by.ts';
import type { Dispatch } from './dispatch.ts';
import type { Loaded, LoadedStage } from './load-stages.ts';
import { copyEverything, planCopy } from './plan-copy.ts';
import { planRun } from './plan-run.ts';
import { shownText } from './shown-text.ts';
import { configOf, draftFromImage, draftFromStage, type StageDraft, workdirOf } from './stage-draft.ts';
import { filesFrom, type NamedContexts } from './stage-names.ts';
import type { PlannedStage, PlannedStep, StepWork } from './work.ts';

/** A LABEL that the request adds at the end of a stage. */
export interface ExtraLabels {
  readonly stage: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PlanExtras {
  readonly extra?: ExtraLabels;
  readonly contexts?: NamedContexts;
  /** Shows a place of the Dockerfile with an error. */
  readonly excerpt?: (span: Span) => string;
}

/** The needed stages in the Dockerfile's order. Throws EngineError('invalid'), with the line in its message. */
export function planStages(
  dockerfile: StagedDockerfile,
  loaded: Loaded,
  args: BuildArguments,
  { extra, contexts = {}, excerpt = () => '' }: PlanExtras = {},
): PlannedStage[] {
  const drafts = new Map<number, StageDraft>();
  return [...loaded.stages.values()].map((stage) => {
    const draft = startStage(stage, loaded, drafts);
    drafts.set(stage.stage.index, draft);
    const dispatch = dispatchFor(draft, { dockerfile, args, contexts, current: stage.stage.index });
    const plan = (step: Step, isTrigger: boolean): PlannedStep => ({
      shown: shownText(step, (name) => draft.variables.get(name), dockerfile.escape),
      ...planStep(draft, step, dispatch, excerpt),
      original: step.original,
      span: step.span,
      isTrigger,
      config: configOf(draft),
      author: draft.author,
    });
    const steps = [
      ...folderStep(stage, draft),
      ...stage.triggers.map((step) => plan(step, true)),
      ...stage.stage.steps.map((step) => plan(step, false)),
      ...(extra?.stage === stage.stage.index ? labelSteps(draft, extra.labels) : []),
    ];
    return {
      index: stage.stage.index,
      name: stage.stage.name,
      base: stage.base,
      original: stage.stage.from.original,
      steps,
      config: configOf(draft),
      author: draft.author,
    };
  });
}

function startStage({ base }: LoadedStage, loaded: Loaded, drafts: ReadonlyMap<number, StageDraft>): StageDraft {
  if (base.kind === 'image') {
    const config = loaded.images.get(base.image)?.config;
    return draftFromImage(config?.config ?? {}, config?.author);
  }
  const parent = base.kind === 'stage' ? drafts.get(base.index) : undefined;
  return parent === undefined ? draftFromImage({ WorkingDir: '/' }, undefined) : draftFromStage(parent);
}

/** FROM of a named context with files: they are the stage's first layer. */
function folderStep({ base, stage: { from } }: LoadedStage, draft: StageDraft): PlannedStep[] {
  if (base.kind !== 'folder') return [];
  const own = { span: undefined, isTrigger: false, isBase: true } as const;
  const work = copyEverything({ kind: 'named', name: base.name });
  const { original } = from;
  return [
    { original, shown: original, createdBy: original, ...own, config: configOf(draft), author: draft.author, work },
  ];
}

function labelSteps(draft: StageDraft, labels: ExtraLabels['labels']): PlannedStep[] {
  const pairs = Object.entries(labels);
  if (pairs.length === 0) return [];
  draft.config.Labels = { ...draft.config.Labels, ...labels };
  const original = pairsLine('LABEL', pairs);
  const work: StepWork = { kind: 'none' };
  return [
    {
      original,
      shown: original,
      span: undefined,
      isTrigger: false,
      createdBy: '',
      config: configOf(draft),
      author: draft.author,
      work,
    },
  ];
}

interface StageScope {
  readonly dockerfile: StagedDockerfile;
  readonly args: BuildArguments;
  readonly contexts: NamedContexts;
  readonly current: number;
}

function dispatchFor(draft: StageDraft, { dockerfile, args, contexts, current }: StageScope): Dispatch {
  const { escape, stages } = dockerfile;
  const lookup = (name: string): string | undefined => draft.variables.get(name);
  return {
    args,
    expand: (text) => expand(text, lookup, escape),
    words: (text) => {
      expand(text, lookup, escape);
      return expandText(text, lookup, { escape }).words.filter((word) => word !== '');
    },
    document: (text) => {
      const { value, error } = expandText(text, lookup, { ignoreQuotes: true });
      if (error !== undefined) throw new EngineError('invalid', `failed to process ${JSON.stringify(text)}: ${error}`);
      return value;
    },
    from: (name, isMount) => filesFrom(name, { stages, current, contexts, isMount }),
  };
}

function planStep(draft: StageDraft, { command, span }: Step, dispatch: Dispatch, excerpt: (span: Span) => string) {
  try {
    switch (command.kind) {
      case 'FROM':
        throw new EngineError('internal', 'FROM starts a stage');
      case 'RUN':
        return planRun(draft, command, dispatch);
      case 'COPY':
      case 'ADD':
        return planCopy(draft, command, dispatch);
      case 'WORKDIR':
        return planWorkdir(draft, dispatch.expand(command.value));
      default: {
        const work: StepWork = { kind: 'none' };
        return { createdBy: applyConfigCommand(draft, command, dispatch), work };
      }
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (span === undefined) throw error;
    const brief = error.message;
    throw failure(error.code, `${brief}\n\n${excerpt(span)}`.trimEnd(), { place: { span, brief } });
  }
}

function planWorkdir(draft: StageDraft, directory: string): { readonly createdBy: string; readonly work: StepWork } {
  // As BuildKit: an absolute path stays as it was written, `/a/` and `/a/../b` too.
  const workdir = directory.startsWith('/') ? directory : path.posix.resolve('/', workdirOf(draft), directory);
  draft.config.WorkingDir = workdir;
  const made = path.posix.resolve(workdir);
  const work: StepWork =
    made === '/' ? { kind: 'none' } : { kind: 'directory', path: made, user: draft.config.User ?? '' };
  return { createdBy: `WORKDIR ${workdir}`, work };
}
