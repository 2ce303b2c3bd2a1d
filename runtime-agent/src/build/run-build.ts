/** One build, from its request to its image. */
import { availableParallelism } from 'node:os';
import { EngineError } from '#model/engine-api/errors.ts';
import { parsePlatform, type Platform } from '#model/oci/platform.ts';
import {
  familiarName,
  familiarReference,
  type ImageReference,
  parseReference,
  withDefaultTag,
} from '#model/oci/reference.ts';
import type { Image, NewImage } from '../images/images.ts';
import { baseImages } from './base-images.ts';
import type { BuildCache } from './build-cache.ts';
import { type BuildMemory, createBuildMemory } from './cache/build-memory.ts';
import { exportCaches } from './cache/export-cache.ts';
import { importCaches } from './cache/import-caches.ts';
import { type ImportedCache, importedCache } from './cache/imported-cache.ts';
import { inlineCache } from './cache/inline-cache.ts';
import type { CacheMounts } from './cache-mounts.ts';
import { checkDockerfile } from './check-dockerfile.ts';
import type { ContextTree } from './context/context-tree.ts';
import { deliverOutputs } from './deliver-outputs.ts';
import { namedContexts } from './context/named-contexts.ts';
import type { BuilderDependencies } from './dependencies.ts';
import type { DockerfileSource } from './dockerfile-source.ts';
import { failedAt, failedToFetch } from './failure-cause.ts';
import { contentDigest } from './files/content-digest.ts';
import { selectSources } from './files/select-sources.ts';
import { imageOfStage, resultOfImage } from './image-of-stage.ts';
import { LAYOUT, layoutImage } from './layout-image.ts';
import { type RootMounts, tellingOfLayers } from './mounted-root.ts';
import { type BuildArguments, buildArguments } from './plan/build-arguments.ts';
import { type Loaded, loadStages } from './plan/load-stages.ts';
import { contextPaths } from './plan/context-paths.ts';
import { planStages } from './plan/plan.ts';
import { targetStage } from './plan/stage-names.ts';
import type { PlannedStage, PlannedStep } from './plan/work.ts';
import type { BuildRequest, BuildResult } from './request.ts';
import { openSource } from './open-source.ts';
import { rewriteTimes, type RewriteTimesTools } from './rewrite-times.ts';
import { solve } from './solver.ts';
import { lastStepId } from './step-id.ts';
import { createStepOutput, type StepOutput } from './step-output.ts';
import type { BuildRun } from './steps/build-run.ts';
import { farLayers } from './steps/far-layers.ts';
import { createNetworkLeases } from './steps/network-leases.ts';
import { stageGraph } from './steps/stage-graph.ts';
import { chainIdsOf, type StageResult } from './steps/stage-result.ts';
import { asTask, namingOf, type Watch, watchedOutput, wholeName } from './watch.ts';

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
  const source = await openSource(request, stack, { host: tools.host, directory: tools.contexts, signal });
  const { name, text } = source;
  request.watch?.({ kind: 'dockerfile', file: { name, text } });
  const hold = (chainIds: readonly string[]): void => void stack.use(tools.images.hold(chainIds));
  const planned = await planBuild(source, request, tools, hold);
  await tellWarnings(source, request, planned);
  const run = await openRun({ request, tools, stack, source, hold, planned });
  const emit = (text: string): void => onEvent({ kind: 'text', text });
  const { globals, stages } = source.dockerfile;
  const texts = createStepOutput(
    globals.map((step) => step.original),
    planned.stages,
    emit,
  );
  const output = watchedOutput(texts, planned.stages, stages.length, request.watch);
  const { excerpt } = source;
  const imported = await importedFor(request, run, planned, tools);
  const memory = createBuildMemory(tools.cache, imported);
  const solved = await solveBuild({ request, tools, hold, run, output, planned, excerpt, imported, memory });
  const { epoch } = run;
  const finished = { ...solved, result: await timedResult(solved.result, request, planned, epoch, { ...tools, hold }) };
  const more = wantsInlineCache(request) ? inlineCache(memory.steps()) : {};
  const stored = { ...planned, ...finished, tools, tags, more, epoch };
  const image = request.keepImage === false ? undefined : await watchedStore(stored, request.watch);
  output.done(lastStepId(planned.target), { cached: finished.cached, id: image?.id ?? '' });
  if (image !== undefined) onEvent({ kind: 'image', id: image.id });
  const names = image === undefined ? [] : tags.map(familiarReference);
  await deliverOutputs(request, { chainIds: chainIdsOf(finished.result), imageId: image?.id, names, epoch }, tools);
  await exportFor(request, run, memory, finished.result, tools);
  const unusedArguments = planned.args.unused();
  if (unusedArguments.length > 0) {
    emit(`[Warning] One or more build-args [${unusedArguments.join(' ')}] were not consumed\n`);
  }
  if (image !== undefined) emit(`Successfully built ${image.id.slice('sha256:'.length).slice(0, 12)}\n`);
  for (const name of names) emit(`Successfully tagged ${name}\n`);
  return { imageId: image?.id ?? '', made: madeImage(stored), unusedArguments };
}

function tagOf(name: string): ImageReference {
  const reference = withDefaultTag(parseReference(name));
  if (reference.digest !== undefined)
    throw new EngineError('invalid', 'invalid reference format: a tag cannot have a digest');
  return reference;
}

interface PlannedBuild {
  readonly args: BuildArguments;
  readonly loaded: Loaded;
  readonly stages: readonly PlannedStage[];
  readonly target: PlannedStage;
  readonly platform: Platform;
}

async function planBuild(
  { dockerfile, excerpt }: DockerfileSource,
  request: BuildRequest,
  tools: BuildTools,
  hold: (chainIds: readonly string[]) => void,
): Promise<PlannedBuild> {
  const { signal, labels = {}, contexts = {}, onEvent = () => {} } = request;
  const buildPlatform = tools.platform;
  const platform = request.platform ? parsePlatform(request.platform, buildPlatform) : buildPlatform;
  const target = targetStage(dockerfile.stages, request.target ?? '');
  const given = request.buildArgs ?? {};
  const stagePlatforms = { buildPlatform, targetPlatform: platform, targetStage: request.target || 'default' };
  const args = buildArguments({ given, dockerfile, ...stagePlatforms });
  const fetchImage = baseImages({
    images: tools.images,
    host: buildPlatform,
    platform: request.platform || undefined,
    alwaysPull: request.pull ?? false,
    credentials: request.credentials ?? {},
    login: request.login,
    progress: (message) => onEvent({ kind: 'progress', message }),
    signal,
  });
  const fetchAndHold: typeof fetchImage = async (reference, imagePlatform) => {
    if (reference.startsWith(LAYOUT))
      return layoutImage(reference, { ...tools, client: request.client, platform, hold });
    const given = request.given?.[reference];
    if (given !== undefined) {
      hold(given.chainIds);
      return given;
    }
    const { watch = () => {} } = request;
    const task = { id: `image ${reference}`, name: `[internal] load metadata for ${wholeName(reference)}` };
    const image = await asTask(watch, task, () => fetchImage(reference, imagePlatform)).catch((error: unknown) => {
      throw failedToFetch(error, reference);
    });
    hold(image.chainIds);
    return image;
  };
  const loaded = await loadStages({ dockerfile, target, args, contexts, fetchImage: fetchAndHold });
  const stages = planStages(dockerfile, loaded, args, { extra: { stage: target, labels }, contexts, excerpt });
  const planned = stages.find(({ index }) => index === target);
  if (planned === undefined) throw new EngineError('internal', `stage ${target} was not planned`);
  return { args, loaded, stages, target: planned, platform };
}

/** Throws EngineError('invalid') when the Dockerfile says that its warnings are errors. */
async function tellWarnings(
  { text, ignoreFile }: DockerfileSource,
  { buildArgs: given = {}, onEvent }: BuildRequest,
  { loaded }: PlannedBuild,
): Promise<void> {
  const { warnings, error } = checkDockerfile({ text, ignoreFile: await ignoreFile(), given, loaded });
  for (const warning of warnings) onEvent?.({ kind: 'warning', warning });
  if (error !== undefined) throw new EngineError('invalid', error);
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
  const contextOf = namedContexts(own, request, stack, { host: tools.host, directory: tools.contexts, signal });
  return {
    ...tools,
    client,
    epoch: fixedTime(request),
    allowInsecure: request.allowInsecure ?? false,
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
    folder: stack.use(await tools.mounts.scratch()).path,
    fetched: new Map(),
    networks: stack.use(createNetworkLeases(tools.networks, hostConfig.ExtraHosts ?? [])),
    networkMode: networkMode === '' || networkMode === 'default' ? 'bridge' : networkMode,
    imageLayers: (reference) => imageNamed(loaded, reference).chainIds,
  };
}

function digestOfContext(context: ContextTree, source: string, signal: AbortSignal): Promise<string> {
  return contentDigest(context, selectSources(context, [source], true).sources, () => false, signal);
}

function imageNamed({ images }: Loaded, reference: string): Image {
  const image = images.get(reference);
  if (image === undefined) throw new EngineError('internal', `image ${reference} was not fetched`);
  return image;
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
    farLayers: imported.isEmpty ? undefined : farLayers(imported, tools.snapshots),
    hold,
    imageResult: (reference) => resultOfImage(imageNamed(loaded, reference)),
  });
  const last = lastStepId(target);
  let cached = false;
  try {
    const result = await solve(steps, last, {
      cache: memory.cache,
      ignoreCache: request.ignoreCache ?? false,
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

async function timedResult(
  result: StageResult,
  { rewriteTimes: isWanted = false }: BuildRequest,
  { target, stages, loaded }: PlannedBuild,
  epoch: string | undefined,
  tools: RewriteTimesTools,
): Promise<StageResult> {
  if (!isWanted) return result;
  if (epoch === undefined) {
    const advice = 'give it with --build-arg SOURCE_DATE_EPOCH=SECONDS';
    throw new EngineError('invalid', `rewrite-timestamp needs SOURCE_DATE_EPOCH: ${advice}`);
  }
  const baseLayers = bottomImage(target, stages, loaded)?.chainIds.length ?? 0;
  return rewriteTimes(result, baseLayers, epoch, tools);
}

/** For reproducible images: the build argument that gives their time in seconds since 1970. */
function fixedTime({ buildArgs }: BuildRequest): string | undefined {
  const epoch = buildArgs?.['SOURCE_DATE_EPOCH'] ?? '';
  if (epoch === '') return undefined;
  if (!/^\d{1,11}$/.test(epoch))
    throw new EngineError('invalid', `invalid SOURCE_DATE_EPOCH: ${epoch} is no number of seconds since 1970`);
  return new Date(Number(epoch) * 1000).toISOString();
}

/** With what BuildKit says of its exporter. */
async function watchedStore(image: StoreImage, watch: Watch = () => {}): Promise<Image> {
  return asTask(watch, { id: 'export', name: 'exporting to image' }, async () => {
    const part = (name: string): void => {
      watch({ kind: 'part', id: 'export', part: name, done: false });
      watch({ kind: 'part', id: 'export', part: name, done: true });
    };
    part('exporting layers');
    const stored = await storeImage(image);
    part(`writing image ${stored.id}`);
    for (const tag of image.tags) part(`naming to ${namingOf(familiarReference(tag))}`);
    return stored;
  });
}

interface StoreImage extends PlannedBuild {
  readonly result: StageResult;
  readonly epoch: string | undefined;
  readonly tools: BuildTools;
  readonly tags: readonly ImageReference[];
  readonly more: Readonly<Record<string, string>>;
}

async function storeImage(image: StoreImage): Promise<Image> {
  const { tools, tags, target, stages, loaded } = image;
  const { images } = tools;
  const base = bottomImage(target, stages, loaded);
  const last = target.steps.at(-1);
  const isKept = base !== undefined && images.find(base.id) !== undefined;
  if (last === undefined && target.base.kind === 'image' && isKept) {
    // FROM alone is the image itself.
    for (const { domain, path, tag = '' } of tags) images.tag(base.id, familiarName({ domain, path }), tag);
    return base;
  }
  const parent = isKept ? { parent: base.id } : {};
  return images.add({ ...madeImage(image), ...parent, tags: tags.map(familiarReference) });
}

function madeImage({ target, stages, loaded, ...made }: Omit<StoreImage, 'tags' | 'tools'>): NewImage {
  const { config, author } = target;
  return imageOfStage({ ...made, config, author, base: bottomImage(target, stages, loaded)?.config });
}

/** The image that a stage, or the stages it starts from, stands on. */
function bottomImage(stage: PlannedStage, stages: readonly PlannedStage[], loaded: Loaded): Image | undefined {
  const { base } = stage;
  if (base.kind === 'image') return imageNamed(loaded, base.reference);
  const below = base.kind === 'stage' ? stages.find(({ index }) => index === base.index) : undefined;
  return below === undefined ? undefined : bottomImage(below, stages, loaded);
}
