/** What a request's Dockerfile comes to: stages with their images, and what BuildKit's checks say of it. */
import { EngineError } from '#model/engine-api/errors.ts';
import { parsePlatform, type Platform } from '#model/oci/platform.ts';
import type { Image } from '../images/images.ts';
import { baseImages } from './base-images.ts';
import { checkDockerfile } from './check-dockerfile.ts';
import type { BuilderDependencies } from './dependencies.ts';
import type { DockerfileSource } from './dockerfile-source.ts';
import { failedAt, failedToFetch } from './failure-cause.ts';
import { LAYOUT, layoutImage } from './layout-image.ts';
import { type BuildArguments, buildArguments } from './plan/build-arguments.ts';
import { refuseCircles } from './plan/circular-stages.ts';
import { type Loaded, type LoadOptions, loadStages } from './plan/load-stages.ts';
import { planStages } from './plan/plan.ts';
import { targetStage as stageToBuild } from './plan/stage-names.ts';
import type { PlannedStage } from './plan/work.ts';
import type { BuildRequest } from './request.ts';
import { asTask, wholeName } from './watch.ts';

export interface PlannedBuild {
  readonly args: BuildArguments;
  readonly loaded: Loaded;
  readonly stages: readonly PlannedStage[];
  readonly target: PlannedStage;
  readonly platform: Platform;
}

const ofContext = (context: string, reference: string): string => `[context ${context}] load metadata for ${reference}`;

export async function planBuild(
  { dockerfile, excerpt }: DockerfileSource,
  request: BuildRequest,
  tools: BuilderDependencies,
  hold: (chainIds: readonly string[]) => void,
): Promise<PlannedBuild> {
  const { signal, labels = {}, contexts = {}, onEvent = () => {} } = request;
  const buildPlatform = tools.platform;
  const platform = request.platform ? parsePlatform(request.platform, buildPlatform) : buildPlatform;
  refuseCircles(dockerfile.stages);
  const target = stageToBuild(dockerfile.stages, request.target ?? '');
  const given = request.buildArgs ?? {};
  const targetStage = request.target || (dockerfile.stages.at(-1)?.name ?? 'default');
  const stagePlatforms = { buildPlatform, targetPlatform: platform, targetStage };
  const args = buildArguments({ given, dockerfile, ...stagePlatforms });
  const fetchImage = baseImages({
    images: tools.images,
    host: buildPlatform,
    platform: request.platform || undefined,
    alwaysPull: request.pull ?? false,
    byShortId: request.asClassic ?? false,
    credentials: request.credentials ?? {},
    login: request.login,
    progress: (message) => onEvent({ kind: 'progress', message }),
    signal,
  });
  const fetchAndHold: LoadOptions['fetchImage'] = async (reference, imagePlatform, context) => {
    if (reference.startsWith(LAYOUT))
      return layoutImage(reference, { ...tools, client: request.client, platform, hold });
    const given = request.given?.[reference];
    if (given !== undefined) {
      hold(given.chainIds);
      return given;
    }
    const { watch = () => {} } = request;
    const task = {
      id: `image ${reference} ${imagePlatform ?? ''}`.trimEnd(),
      name:
        context === undefined ? `[internal] load metadata for ${wholeName(reference)}` : ofContext(context, reference),
    };
    const image = await asTask(watch, task, () => fetchImage(reference, imagePlatform)).catch((error: unknown) => {
      throw failedToFetch(error, reference);
    });
    hold(image.chainIds);
    return image;
  };
  const loaded = await loadStages({
    dockerfile,
    target,
    args,
    contexts,
    capitals: request.asClassic ?? false,
    fetchImage: fetchAndHold,
  });
  const stages = planStages(dockerfile, loaded, args, { extra: { stage: target, labels }, contexts, excerpt });
  if (request.allowHostNetwork === false) refuseHostNetwork(stages, request.networkMode);
  const planned = stages.find(({ index }) => index === target);
  if (planned === undefined) throw new EngineError('internal', `stage ${target} was not planned`);
  return { args, loaded, stages, target: planned, platform };
}

/** In BuildKit's words, before anything is done. */
function refuseHostNetwork(stages: readonly PlannedStage[], ofBuild: string | undefined): void {
  const runs = stages.flatMap(({ steps }) =>
    steps.flatMap(({ span, work }) => (work.kind === 'run' ? { span, work } : [])),
  );
  const first = runs.find(({ work }) => work.network === 'host' || (work.network === 'default' && ofBuild === 'host'));
  if (first === undefined) return;
  const why = 'failed to load LLB: network.host is not allowed (build with: --allow network.host)';
  const error = new EngineError('forbidden', why);
  throw first.span === undefined ? error : failedAt(error, first.span);
}

/** @param loaded as checkDockerfile has it. Throws EngineError('invalid') when the Dockerfile says that its warnings are errors. */
export async function tellWarnings(
  { text, ignoreFile }: DockerfileSource,
  { buildArgs: given = {}, onEvent }: BuildRequest,
  loaded: Loaded | undefined,
): Promise<void> {
  const { warnings, error } = checkDockerfile({ text, ignoreFile: await ignoreFile(), given, loaded });
  for (const warning of warnings) onEvent?.({ kind: 'warning', warning });
  if (error !== undefined) throw new EngineError('invalid', error);
}

export function imageNamed({ images }: Loaded, reference: string): Image {
  const image = images.get(reference);
  if (image === undefined) throw new EngineError('internal', `image ${reference} was not fetched`);
  return image;
}
