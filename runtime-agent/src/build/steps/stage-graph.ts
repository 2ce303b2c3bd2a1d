/** The plan's stages as a graph of steps for the solver. */
import type { OciHistory } from '#model/oci/image-config.ts';
import type { Snapshot } from '../../snapshots/snapshots.ts';
import type { SnapshotStore } from '../../snapshots/store.ts';
import { contentDigest } from '../files/content-digest.ts';
import { directoryTree } from '../files/directory-tree.ts';
import { selectSources } from '../files/select-sources.ts';
import { HISTORY_COMMENT } from '../plan/created-by.ts';
import type { FilesFrom, PlannedStage, PlannedStep, RunWork, StepWork, WorkMount } from '../plan/work.ts';
import type { GraphStep, StepKey } from '../solver.ts';
import { lastStepId, stepId } from '../step-id.ts';
import type { StepOutput } from '../step-output.ts';
import type { BuildRun } from './build-run.ts';
import { copyKeys, doCopy } from './copy-work.ts';
import { doDirectory } from './directory-work.ts';
import { doRun } from './run-work.ts';
import type { FarLayers } from './far-layers.ts';
import { chainIdsOf, hashOf, type Layer, rootOf, type StageResult, type StepOutcome } from './stage-result.ts';

type BuildStep = GraphStep<StageResult, StepOutcome>;

export interface GraphOptions {
  /** Told of the step that fails first, before its error comes out. */
  readonly failed: (step: PlannedStep, id: string, error: unknown) => void;
  /** Stages that are built anew. */
  readonly ignoreCacheOf: (stage: PlannedStage) => boolean;
  readonly run: BuildRun;
  readonly stages: readonly PlannedStage[];
  /** What a stage has when it starts from this image. */
  readonly imageResult: (reference: string) => StageResult;
  readonly snapshots: Pick<SnapshotStore, 'adopt'>;
  readonly farLayers: FarLayers;
  /** Keeps the layers until the build has ended. */
  readonly hold: (chainIds: readonly string[]) => void;
  readonly output: Pick<StepOutput, 'started' | 'write'>;
  /** RFC 3339: when a step is done now. */
  readonly now: () => string;
}

export function stageGraph(options: GraphOptions): BuildStep[] {
  const byIndex = new Map(options.stages.map((stage) => [stage.index, stage]));
  const endOf = (index: number): string => {
    const stage = byIndex.get(index);
    if (stage === undefined) throw new Error(`stage ${index} was not planned`);
    return lastStepId(stage);
  };
  const { farLayers: elsewhere } = options;
  const steps = options.stages.flatMap((stage) => [
    baseStep(stage, options, endOf),
    ...stage.steps.map((step, i) => {
      const ignoreCache = options.ignoreCacheOf(stage);
      const place = { stage, id: stepId(stage.index, i + 1), parent: stepId(stage.index, i), ignoreCache };
      return step.work.kind === 'none'
        ? configStep(step, place, options)
        : fileStep(step, { ...place, endOf }, options);
    }),
  ]);
  return steps.map((step) => ({ ...step, elsewhere }));
}

const NOTHING: StageResult = { layers: [], history: [], identity: 'scratch' };

/** Where a stage starts: always known, never worth remembering. */
function baseStep(stage: PlannedStage, { imageResult }: GraphOptions, endOf: (index: number) => string): BuildStep {
  const { base } = stage;
  return {
    id: stepId(stage.index, 0),
    inputs: base.kind === 'stage' ? [endOf(base.index)] : [],
    keys: [],
    isBlind: true,
    run: () => Promise.resolve({ created: '', description: stage.original }),
    result([parent]) {
      if (base.kind === 'image') return imageResult(base.image);
      return base.kind === 'stage' ? parent : NOTHING;
    },
  };
}

interface Place {
  readonly stage: PlannedStage;
  readonly id: string;
  readonly parent: string;
  readonly ignoreCache: boolean;
}

function configStep(step: PlannedStep, { id, parent, ignoreCache }: Place, { now }: GraphOptions): BuildStep {
  return {
    id,
    inputs: [parent],
    ignoreCache,
    keys: [{ of: ([below]) => hashOf(['config', below?.identity, step.createdBy, step.config]) }],
    isBlind: true,
    run: () => Promise.resolve({ created: now(), description: step.createdBy }),
    result: ([below]) => below && nextResult(below, step, undefined),
  };
}

function fileStep(
  step: PlannedStep,
  { stage, id, parent, ignoreCache, endOf }: Place & { readonly endOf: (index: number) => string },
  options: GraphOptions,
): BuildStep {
  const { snapshots, hold, now } = options;
  const origins = [...new Set(stageOrigins(step.work))];
  const telling = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      options.failed(step, id, error);
      throw error;
    }
  };
  const scopeOf = ([below, ...others]: readonly StageResult[]): WorkScope => ({
    stage,
    id,
    below: below ?? NOTHING,
    stageResult: (index) => others[origins.indexOf(index)] ?? NOTHING,
  });
  return {
    id,
    inputs: [parent, ...origins.map(endOf)],
    ignoreCache,
    keys: workKeys(step.work, options).map(({ reads, of }) => ({
      ...(reads ? { reads } : {}),
      of: (inputs) => telling(() => of(scopeOf(inputs))),
    })),
    async run(inputs, signal) {
      const layer = await telling(() => doWork(step.work, scopeOf(inputs), { ...options, signal }));
      return { created: now(), description: step.createdBy, ...(layer === undefined ? {} : { layer }) };
    },
    result([below], outcome) {
      if (below === undefined) return undefined;
      if (outcome.layer === undefined) return nextResult(below, step, undefined);
      const snapshot = snapshots.adopt(below.layers.at(-1)?.chainId, outcome.layer.diffId);
      const layer = snapshot ?? options.farLayers.layer(below.layers.at(-1)?.chainId, outcome.layer.diffId);
      hold([layer.chainId]);
      return nextResult(below, step, { ...layer, created: outcome.created });
    },
  };
}

interface WorkScope {
  readonly stage: PlannedStage;
  readonly id: string;
  readonly below: StageResult;
  readonly stageResult: (index: number) => StageResult;
}

function stageOrigins(work: StepWork): number[] {
  const from: FilesFrom[] = [];
  if (work.kind === 'copy') from.push(work.from);
  if (work.kind === 'run') from.push(...work.mounts.map(({ files }) => files));
  return from.flatMap((one) => (one.kind === 'stage' ? [one.index] : []));
}

function layersOf(from: FilesFrom, scope: WorkScope, run: BuildRun): readonly string[] | undefined {
  if (from.kind === 'context' || from.kind === 'named') return undefined;
  if (from.kind === 'scratch') return [];
  return from.kind === 'stage' ? chainIdsOf(scope.stageResult(from.index)) : run.imageLayers(from.reference);
}

interface WorkKey extends Pick<StepKey<StageResult>, 'reads'> {
  of(scope: WorkScope): string | Promise<string>;
}

function workKeys(work: StepWork, { run }: GraphOptions): readonly WorkKey[] {
  switch (work.kind) {
    case 'none':
      return [];
    case 'directory':
      return [{ of: ({ below }) => hashOf([work, rootOf(below), ...(run.epoch === undefined ? [] : [run.epoch])]) }];
    case 'copy':
      return copyKeys(work).map(({ reads, of }) => ({
        reads,
        of(scope) {
          const origin = layersOf(work.from, scope, run);
          return of({ run, parent: scope.below, origin, signal: run.signal });
        },
      }));
    case 'run': {
      const key = (shownBy: LayersDigest): WorkKey => ({
        of: async (scope) => hashOf([await runIdentity(work, scope, run, shownBy), rootOf(scope.below)]),
      });
      const byLayers = key(async (layers) => layers.at(-1) ?? 'scratch');
      return work.mounts.some(isPartOfStage) ? [byLayers, { ...key(contentOf(run)), reads: true }] : [byLayers];
    }
  }
}

/** What a mount shows of these layers. */
type LayersDigest = (layers: readonly string[], mount: WorkMount) => Promise<string>;

/** All of a stage is rarely the same again, and long to read. */
function isPartOfStage(mount: WorkMount): boolean {
  return mount.type === 'bind' && mount.files.kind === 'stage' && mount.source !== '/';
}

/** By the files themselves: a stage that was built anew may well show the same ones. */
function contentOf({ mounts, host, signal }: BuildRun): LayersDigest {
  return async (layers, mount) => {
    if (mount.type !== 'bind' || !isPartOfStage(mount)) return layers.at(-1) ?? 'scratch';
    await using root = await mounts.view(layers);
    const tree = directoryTree(root.path, host.ids);
    return await contentDigest(tree, selectSources(tree, [mount.source], true).sources, () => false, signal);
  };
}

/** What makes a RUN what it is, without proxies, and with what its mounts show. */
async function runIdentity(
  { proxies: _proxies, mounts, ...work }: RunWork,
  scope: WorkScope,
  run: BuildRun,
  shownBy: LayersDigest,
): Promise<unknown> {
  const { contextDigest, networkMode, hostConfig } = run;
  const shown = mounts.map(async (mount) => {
    if (mount.type !== 'bind') return mount;
    const layers = layersOf(mount.files, scope, run);
    return {
      ...mount,
      files: layers === undefined ? await contextDigest(mount.files, mount.source) : await shownBy(layers, mount),
    };
  });
  return [work, await Promise.all(shown), networkMode, hostConfig.ExtraHosts ?? [], ...limitsOf(run)];
}

/** To BuildKit they are a part of what the step is, to the classic builder they are not. */
function limitsOf({ asClassic, hostConfig: { ShmSize, Ulimits, CgroupParent } }: BuildRun): unknown[] {
  return asClassic ? [] : [ShmSize, Ulimits, CgroupParent].filter((limit) => limit !== undefined);
}

async function doWork(
  work: StepWork,
  scope: WorkScope,
  { run, output, signal }: GraphOptions & { readonly signal: AbortSignal },
): Promise<Snapshot | undefined> {
  const { stage, id, below, stageResult } = scope;
  switch (work.kind) {
    case 'none':
      return undefined;
    case 'directory':
      return doDirectory(work, { run, parent: below });
    case 'copy': {
      const origin = layersOf(work.from, scope, run);
      return doCopy(work, { run, parent: below, origin, signal });
    }
    case 'run': {
      const started = (containerId: string): void => output.started(id, containerId);
      const write = (stream: 'stdout' | 'stderr', chunk: Buffer): void => output.write(id, stream, chunk);
      return doRun(work, { run, stage, parent: below, stageResult, started, output: write, signal });
    }
  }
}

function nextResult(
  below: StageResult,
  step: PlannedStep,
  layer: (Layer & { readonly created: string }) | undefined,
): StageResult {
  const { createdBy, config } = step;
  const entry: OciHistory = {
    ...(layer === undefined ? {} : { created: layer.created }),
    created_by: createdBy,
    comment: HISTORY_COMMENT,
    ...(layer === undefined ? { empty_layer: true } : {}),
  };
  return {
    layers: layer === undefined ? below.layers : [...below.layers, { chainId: layer.chainId, diffId: layer.diffId }],
    history: createdBy === '' ? below.history : [...below.history, entry],
    identity: hashOf([below.identity, createdBy, config, layer?.created, layer?.diffId]),
  };
}
