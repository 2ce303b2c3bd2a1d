/** The image of a finished build: with the times that were asked for, stored under its names. */
import { EngineError } from '#model/engine-api/errors.ts';
import { familiarName, familiarReference, type ImageReference } from '#model/oci/reference.ts';
import type { Image, NewImage } from '../images/images.ts';
import type { BuilderDependencies } from './dependencies.ts';
import { imageOfStage } from './image-of-stage.ts';
import { withOwnTimes } from './own-times.ts';
import type { Loaded } from './plan/load-stages.ts';
import type { PlannedStage } from './plan/work.ts';
import { imageNamed, type PlannedBuild } from './plan-build.ts';
import type { BuildRequest } from './request.ts';
import { rewriteTimes, type RewriteTimesTools } from './rewrite-times.ts';
import type { StageResult } from './steps/stage-result.ts';
import { asTask, namingOf, type Watch } from './watch.ts';

export async function timedResult(
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
export function fixedTime({ buildArgs }: BuildRequest): string | undefined {
  const epoch = buildArgs?.['SOURCE_DATE_EPOCH'] ?? '';
  if (epoch === '') return undefined;
  if (!/^\d{1,11}$/.test(epoch))
    throw new EngineError('invalid', `invalid SOURCE_DATE_EPOCH: ${epoch} is no number of seconds since 1970`);
  return new Date(Number(epoch) * 1000).toISOString();
}

/** With what BuildKit says of its exporter. */
export async function watchedStore(image: StoreImage, watch: Watch = () => {}): Promise<Image> {
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
  readonly tools: BuilderDependencies;
  readonly tags: readonly ImageReference[];
  readonly more: Readonly<Record<string, string>>;
  readonly request: Pick<BuildRequest, 'asClassic' | 'ignoreCache' | 'squash'>;
}

async function storeImage(image: StoreImage): Promise<Image> {
  const { tools, tags, target, stages, loaded, platform } = image;
  if (platform.os !== 'linux') throw new EngineError('invalid', 'operating system is not supported');
  const { images } = tools;
  const base = bottomImage(target, stages, loaded);
  const last = target.steps.at(-1);
  const isKept = base !== undefined && images.find(base.id) !== undefined;
  if (last === undefined && target.base.kind === 'image' && isKept) {
    // FROM alone is the image itself.
    for (const { domain, path, tag = '' } of tags) images.tag(base.id, familiarName({ domain, path }), tag);
    return base;
  }
  const { request, result, epoch } = image;
  const parent = isKept && !request.squash ? { parent: base.id } : {};
  const made = madeImage(image);
  const isNew = result.history.slice(base?.config.history?.length).some(({ created }) => created !== undefined);
  const dated =
    request.asClassic && epoch === undefined && !isNew
      ? withOwnTimes(made, {
          history: result.history,
          earlier: request.ignoreCache ? [] : images.list(),
          now: new Date().toISOString(),
        })
      : made;
  return images.add({ ...dated, ...parent, tags: tags.map(familiarReference) });
}

export function madeImage({
  target,
  stages,
  loaded,
  ...made
}: Omit<StoreImage, 'tags' | 'tools' | 'request'>): NewImage {
  const { config, author } = target;
  return imageOfStage({ ...made, config, author, base: bottomImage(target, stages, loaded)?.config });
}

/** The image that a stage, or the stages it starts from, stands on. */
export function bottomImage(stage: PlannedStage, stages: readonly PlannedStage[], loaded: Loaded): Image | undefined {
  const { base } = stage;
  if (base.kind === 'image') return imageNamed(loaded, base.image);
  const below = base.kind === 'stage' ? stages.find(({ index }) => index === base.index) : undefined;
  return below === undefined ? undefined : bottomImage(below, stages, loaded);
}
