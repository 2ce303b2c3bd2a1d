/** One build, from its request to its image. */
import { availableParallelism } from 'node:os';
import { ENGINE_VERSION } from '#model/engine-api/engine-version.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { familiarReference, type ImageReference, parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { BuildCache } from './build-cache.ts';
import { buildSources } from './build-sources.ts';
import { type BuildMemory, createBuildMemory } from './cache/build-memory.ts';
import { exportCaches } from './cache/export-cache.ts';
import { importCaches } from './cache/import-caches.ts';
import { type ImportedCache, importedCache } from './cache/imported-cache.ts';
import { inlineCache } from './cache/inline-cache.ts';
import type { CacheMounts } from './cache-mounts.ts';
import type { ContextTree } from './context/context-tree.ts';
import { deliverOutputs } from './deliver-outputs.ts';
import { namedContexts } from './context/named-contexts.ts';
import type { BuilderDependencies } from './dependencies.ts';
import type { DockerfileSource } from './dockerfile-source.ts';
import { failedAt } from './failure-cause.ts';
import { contentDigest } from './files/content-digest.ts';
import { selectSources } from './files/select-sources.ts';
import { resultOfImage } from './image-of-stage.ts';
import { type RootMounts, tellingOfLayers } from './mounted-root.ts';
import { contextPaths } from './plan/context-paths.ts';
import type { PlannedStep } from './plan/work.ts';
import type { BuildRequest, BuildResult } from './request.ts';
import { openSource } from './open-source.ts';
import { imageNamed, planBuild, type PlannedBuild, tellWarnings } from './plan-build.ts';
import { bottomImage, fixedTime, madeImage, timedResult, watchedStore } from './store-image.ts';
import { solve } from './solver.ts';
import { squashed } from './squash.ts';
import { lastStepId, stepId } from './step-id.ts';
import { createStepOutput, type StepOutput } from './step-output.ts';
import type { BuildRun } from './steps/build-run.ts';
import { farLayers } from './steps/far-layers.ts';
import { createNetworkLeases } from './steps/network-leases.ts';
import { stageGraph } from './steps/stage-graph.ts';
import { chainIdsOf, type StageResult } from './steps/stage-result.ts';
import { watchedOutput } from './watch.ts';

export interface BuildTools extends BuilderDependencies {
  readonly cache: BuildCache;
  readonly cacheMounts: CacheMounts;
  readonly mounts: RootMounts;
  /** Folder for contexts that arrive. */
  readonly contexts: string;
}

/** Steps that run at the same time: most wait for programs, disks or networks, not for the engine. */
const PARALLEL_STEPS = Math.max(4, availableParallelism() * 2);

/** Everything that is opened hangs on one stack: whatever way the build ends, nothing of it stays. */
export async function runBuild(request: BuildRequest, tools: BuildTools): Promise<BuildResult> {
  const tags = (request.tags ?? []).map(tagOf);
  const { signal, onEvent = () => {} } = request;
  await using stack = new AsyncDisposableStack();
  const source = await openSource(request, stack, { ...tools, directory: tools.contexts, signal });
  const { name, text } = source;
  request.watch?.({ kind: 'dockerfile', file: { name, text } });
  const hold = (chainIds: readonly string[]): void => void stack.use(tools.images.hold(chainIds));
  const planned = await planBuild(source, request, tools, hold).catch(async (error: unknown) => {
    await tellWarnings(source, request, undefined);
    throw error;
  });
  await tellWarnings(source, request, planned.loaded);
  const run = await openRun({ request, tools, stack, source, hold, planned });
  const emit = (text: string): void => onEvent({ kind: 'text', text });
  const { globals, stages } = source.dockerfile;
  const texts = createStepOutput(
    globals.map((step) => step.original),
    planned.stages,
    emit,
    request.keepContainers === 'all',
  );
  const output = watchedOutput(texts, planned.stages, stages.length, request.watch);
  const { excerpt } = source;
  const imported = await importedFor(request, run, planned, tools);
  const described = new Map(
    planned.stages.flatMap(({ index, steps }) => steps.map(({ createdBy }, i) => [stepId(index, i + 1), createdBy])),
  );
  const memory = createBuildMemory(tools.cache, imported, (step) => described.get(step) ?? '');
  const solved = await solveBuild({ request, tools, hold, run, output, planned, excerpt, imported, memory });
  const { epoch } = run;
  const timed = await timedResult(solved.result, request, planned, epoch, { ...tools, hold });
  const finished = { ...solved, result: request.squash ? await squashed(timed, planned, run, tools.snapshots) : timed };
  const version = request.asClassic ? { docker_version: ENGINE_VERSION } : {};
  const more = { ...version, ...carriedCache(request, memory) };
  const stored = { ...planned, ...finished, tools, tags, more, epoch, request };
  const image = request.keepImage === false ? undefined : await watchedStore(stored, request.watch);
  output.done(lastStepId(planned.target), { cached: finished.cached, id: image?.id ?? '' });
  if (image !== undefined) onEvent({ kind: 'image', id: image.id });
  const names = image === undefined ? [] : tags.map(familiarReference);
  await deliverOutputs(request, { chainIds: chainIdsOf(finished.result), imageId: image?.id, names, epoch }, tools);
  await exportFor(request, run, memory, timed, tools);
  const unusedArguments = planned.args.unused(request.unsetArguments);
  if (unusedArguments.length > 0) {
    emit(`[Warning] One or more build-args [${unusedArguments.join(' ')}] were not consumed\n`);
  }
  if (image !== undefined) emit(`Successfully built ${image.id.slice('sha256:'.length).slice(0, 12)}\n`);
  for (const name of names) emit(`Successfully tagged ${name}\n`);
  return { imageId: image?.id ?? '', made: madeImage(stored), sources: buildSources(planned), unusedArguments };
}

function tagOf(name: string): ImageReference {
  const reference = withDefaultTag(parseReference(name));
  if (reference.digest !== undefined)
    throw new EngineError('invalid', 'invalid reference format: a tag cannot have a digest');
  return reference;
}

interface OpenRun {
  readonly request: BuildRequest;
  readonly tools: BuildTools;
  readonly stack: AsyncDisposableStack;
  readonly source: DockerfileSource;
  readonly hold: (chainIds: readonly string[]) => void;
  readonly planned: PlannedBuild;
}

async function openRun({ request, tools, stack, source, hold, planned }: OpenRun): Promise<BuildRun> {
  const { signal, client, secrets = [], agents = [], hostConfig = {}, networkMode = '' } = request;
  const { loaded, stages } = planned;
  const own = (): Promise<ContextTree> => source.openContext(contextPaths(stages));
  let folder: Promise<string> | undefined; // most builds need none
  const contextOf = namedContexts(own, request, stack, { ...tools, directory: tools.contexts, signal });
  return {
    ...tools,
    client,
    epoch: fixedTime(request),
    allowInsecure: request.allowInsecure ?? false,
    asClassic: request.asClassic ?? false,
    keepContainers: request.keepContainers,
    keep(stage, step) {
      const image = bottomImage(stage, stages, loaded)?.id ?? '';
      const { os, architecture } = planned.platform;
      const config = { ...step.config, Image: image };
      return tools.keepContainer({ ...step, image, config, platform: { os, architecture } });
    },
    secrets,
    agents,
    contextOf,
    mounts: tellingOfLayers(tools.mounts, (chainId) => hold([chainId])),
    signal,
    hostConfig,
    tell: (text) => request.onEvent?.({ kind: 'text', text }),
    warn: (text) => {
      request.onEvent?.({ kind: 'text', text: `[Warning] ${text}\n` });
      request.watch?.({ kind: 'warning', text });
    },
    contextDigest: async (from, source) => digestOfContext(await contextOf(from), source, signal),
    folder: () => (folder ??= tools.mounts.scratch().then((made) => stack.use(made).path)),
    fetched: new Map(),
    networks: stack.use(createNetworkLeases(tools.networks, hostConfig.ExtraHosts ?? [])),
    networkMode: networkMode === '' || networkMode === 'default' ? 'bridge' : networkMode,
    imageLayers: (reference) => imageNamed(loaded, reference).chainIds,
  };
}

function digestOfContext(context: ContextTree, source: string, signal: AbortSignal): Promise<string> {
  return contentDigest(context, selectSources(context, [source], true).sources, () => false, signal);
}

const cacheTools = (run: BuildRun, { registry, images, snapshots }: BuildTools, request: BuildRequest) => {
  const { client, tell, signal, folder, host } = run;
  return { registry, images, snapshots, host, client, tell, signal, folder, credentials: request.credentials ?? {} };
};

async function importedFor(
  request: BuildRequest,
  run: BuildRun,
  { platform }: PlannedBuild,
  tools: BuildTools,
): Promise<ImportedCache> {
  const wanted = request.ignoreCache ? [] : (request.cacheFrom ?? []);
  return importedCache(await importCaches(wanted, { ...cacheTools(run, tools, request), platform }), run.warn);
}

async function exportFor(
  request: BuildRequest,
  run: BuildRun,
  memory: BuildMemory,
  result: StageResult,
  tools: BuildTools,
): Promise<void> {
  const imageLayers = new Set(result.layers.map(({ diffId }) => diffId));
  const isHere = (chainId: string): boolean => tools.snapshots.has(chainId);
  const known = { steps: memory.steps(), imageLayers, isHere };
  await exportCaches(request.cacheTo ?? [], known, cacheTools(run, tools, request));
}

/**
 * The classic builder finds an image given as `cachefrom` by its history, which has digests of what was copied; ours has
 * BuildKit's. So the image carries what was done, and by one identity each, so that a build again gives the same image.
 */
function carriedCache(request: BuildRequest, memory: BuildMemory): Readonly<Record<string, string>> {
  if (wantsInlineCache(request)) return inlineCache(memory.steps());
  if (!request.asClassic) return {};
  return inlineCache(memory.steps().map(({ keys, outcome }) => ({ keys: keys.slice(0, 1), outcome })));
}

/** Asked for as an export, or in the way that BuildKit has had longer. */
function wantsInlineCache({ cacheTo = [], buildArgs = {} }: BuildRequest): boolean {
  return (
    cacheTo.some(({ type }) => type === 'inline') || /^(1|true|t)$/i.test(buildArgs['BUILDKIT_INLINE_CACHE'] ?? '')
  );
}

interface SolveBuild {
  readonly imported: ImportedCache;
  readonly memory: BuildMemory;
  readonly request: BuildRequest;
  readonly tools: BuildTools;
  readonly hold: (chainIds: readonly string[]) => void;
  readonly run: BuildRun;
  readonly output: StepOutput;
  readonly planned: PlannedBuild;
  readonly excerpt: DockerfileSource['excerpt'];
}

async function solveBuild(build: SolveBuild) {
  const { request, tools, hold, run, output, planned, excerpt, imported, memory } = build;
  const { loaded, stages, target } = planned;
  let failed: PlannedStep | undefined;
  const now = (): string => new Date().toISOString();
  const steps = stageGraph({
    run,
    stages,
    output,
    now,
    failed: (step, id, error) => {
      if (failed === undefined && !request.signal.aborted) request.watch?.({ kind: 'ended', id, error });
      failed ??= step;
    },
    ignoreCacheOf: ({ index, name }) =>
      (request.ignoreCacheOf ?? []).some((wanted) => wanted.toLowerCase() === name || wanted === String(index)),
    snapshots: tools.snapshots,
    farLayers: farLayers(imported, tools.snapshots),
    hold,
    imageResult: (reference) => resultOfImage(imageNamed(loaded, reference)),
  });
  const last = lastStepId(target);
  let cached = false;
  try {
    const result = await solve(steps, last, {
      cache: memory.cache,
      ignoreCache: request.ignoreCache ?? false,
      everyKey: (request.cacheTo ?? []).length > 0 || wantsInlineCache(request),
      parallel: PARALLEL_STEPS,
      signal: request.signal,
      observe: (event) => {
        memory.note(event);
        if (event.state === 'running') {
          request.watch?.({ kind: 'started', id: event.step });
          return;
        }
        // An image that a stage starts from is here when its step comes.
        request.watch?.({ kind: 'ended', id: event.step, cached: event.cached || event.step.endsWith('/0') });
        // The last step's id is the image's, which is not known before the image is stored.
        if (event.step === last) cached = event.cached;
        else output.done(event.step, { cached: event.cached, id: shownId(event.result) });
      },
    });
    return { result, cached };
  } catch (error) {
    output.flush();
    const { span } = failed ?? {};
    if (span === undefined || request.signal.aborted) throw error;
    run.tell(excerpt(span));
    throw failedAt(error, span);
  } finally {
    memory.keep((chainId) => tools.snapshots.has(chainId));
  }
}

function shownId({ identity }: StageResult): string {
  return identity === 'scratch' ? '' : identity;
}
