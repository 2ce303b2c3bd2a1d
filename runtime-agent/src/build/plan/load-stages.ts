/** Finds out which stages and images a target needs, and fetches the images: the rest of the plan depends on what they say. */
import type { FromCommand } from '#model/dockerfile/commands.ts';
import { readTrigger, type Stage, type StagedDockerfile, type Step } from '#model/dockerfile/stages.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { formatPlatform, parsePlatform, type Platform } from '#model/oci/platform.ts';
import { parseReference } from '#model/oci/reference.ts';
import type { Image } from '../../images/images.ts';
import { failedAt } from '../failure-cause.ts';
import { type BuildArguments, expand } from './build-arguments.ts';
import { filesFrom, type NamedContexts, namedContext, originsOf, stageNamed } from './stage-names.ts';
import type { StageBase } from './work.ts';

/** Clients of the classic builder may name an image so. */
const IMAGE_ID = /^[a-f0-9]{64}$/;
const ANY_PLATFORM: Platform = { os: 'linux', architecture: 'amd64' };

export interface LoadedStage {
  readonly stage: Stage;
  readonly base: StageBase;
  /** ONBUILD instructions of the base. */
  readonly triggers: readonly Step[];
}

export interface Loaded {
  /** By index; only those that the target needs. */
  readonly stages: ReadonlyMap<number, LoadedStage>;
  /** By reference as written, those of another platform than the build's by both. */
  readonly images: ReadonlyMap<string, Image>;
}

export interface LoadOptions {
  readonly dockerfile: StagedDockerfile;
  readonly target: number;
  readonly args: BuildArguments;
  readonly contexts?: NamedContexts;
  /** FROM may name a stage in capitals, as with the classic builder. */
  readonly capitals?: boolean;
  /** Gives the image, pulled when it is not here. */
  readonly fetchImage: (reference: string, platform: string | undefined) => Promise<Image>;
}

/** All images are fetched at the same time. */
export async function loadStages(options: LoadOptions): Promise<Loaded> {
  const { dockerfile, target, fetchImage, contexts = {} } = options;
  const stages = new Map<number, LoadedStage>();
  const images = new Map<string, Image>();
  const fetching = new Map<string, Promise<Image>>();
  const loading = new Map<number, Promise<readonly string[]>>();

  const fetchOnce = (key: string, reference: string, platform?: string): Promise<Image> => {
    const known = fetching.get(key);
    if (known !== undefined) return known;
    const work = fetchImage(reference, platform).then((image) => {
      images.set(key, image);
      return image;
    });
    fetching.set(key, work);
    return work;
  };

  /** Resolves with the stage's own ONBUILD instructions, for those that start from it. */
  const load = (index: number): Promise<readonly string[]> => {
    const known = loading.get(index);
    if (known !== undefined) return known;
    const stage = dockerfile.stages[index];
    if (stage === undefined) throw new EngineError('internal', `no stage ${index}`);
    const work = loadStage(stage);
    loading.set(index, work);
    return work;
  };

  const loadStage = async (stage: Stage): Promise<readonly string[]> => {
    const { base, platform } = startOf(stage, options);
    const triggersOf = async (): Promise<readonly string[]> => {
      if (base.kind === 'scratch' || base.kind === 'folder') return [];
      if (base.kind === 'stage') return load(base.index);
      const image = await fetchOnce(base.image, base.reference, platform).catch(at(stage.from));
      return image.config.config?.OnBuild ?? [];
    };
    const own = needs(stage.steps, stage.index);
    const triggers = (await waitForAll([triggersOf(), ...own]))[0].map(triggerStep);
    stages.set(stage.index, { stage, base, triggers });
    await waitForAll([Promise.resolve(), ...needs(triggers, stage.index)]);
    return stage.steps.flatMap(({ command }) => (command.kind === 'ONBUILD' ? [command.trigger] : []));
  };

  const needs = (steps: readonly Step[], current: number): Promise<unknown>[] =>
    steps.flatMap((step) =>
      originsOf(step).map(async (name) => {
        const origin = filesFrom(name, {
          stages: dockerfile.stages,
          current,
          contexts,
          isMount: step.command.kind === 'RUN',
        });
        if (origin.kind === 'stage') await load(origin.index);
        else if (origin.kind === 'image') await fetchOnce(origin.reference, origin.reference).catch(at(step));
      }),
    );

  await load(target);
  return { stages: new Map([...stages].sort(([a], [b]) => a - b)), images };
}

/** Waits for all, also when one fails: nothing goes on in the background of a failed build. */
async function waitForAll<T>(work: readonly [Promise<T>, ...Promise<unknown>[]]): Promise<[T]> {
  const settled = await Promise.allSettled(work);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return [await work[0]];
}

function triggerStep(text: string): Step {
  const read = readTrigger(text);
  if ('error' in read) throw new EngineError('invalid', `ONBUILD trigger of the base image: ${read.error}`);
  return read.step;
}

/** For what cannot be fetched: the same error with the place of who wants it. */
function at({ span }: Step): (error: unknown) => never {
  return (error) => {
    throw span === undefined ? error : failedAt(error, span);
  };
}

/** As baseOf(), with the place of what is wrong. */
function startOf(stage: Stage, options: LoadOptions): ReturnType<typeof baseOf> {
  try {
    return baseOf(stage, options);
  } catch (error) {
    return at(stage.from)(error);
  }
}

function baseOf(
  stage: Stage,
  { dockerfile, args, contexts = {}, capitals = false }: LoadOptions,
): { base: StageBase; platform: string | undefined } {
  const command: FromCommand = stage.from.command;
  const lookup = (name: string): string | undefined => args.globals.get(name);
  const name = expand(command.image, lookup, dockerfile.escape);
  if (name === '') throw new EngineError('invalid', `base name (${command.image}) should not be blank`);
  const platform = command.platform === undefined ? undefined : expand(command.platform, lookup, dockerfile.escape);
  if (platform) checkWritten('platform', platform, () => parsePlatform(platform, ANY_PLATFORM));
  if (platform === '') throw new EngineError('invalid', `empty platform value from expression ${command.platform}`);
  const named = namedContext(contexts, name);
  if (named?.kind === 'image') return { base: imageBase(named.reference, platform, args), platform };
  if (named?.kind === 'named') return { base: { kind: 'folder', name: named.name }, platform };
  // To BuildKit names of stages are lower case, however they are written after AS; in a FROM it wants them so.
  const isStage = capitals || name === name.toLowerCase();
  const index = isStage ? stageNamed(dockerfile.stages, name, stage.index) : undefined;
  if (index !== undefined) return { base: { kind: 'stage', index }, platform };
  if (name === 'scratch') return { base: { kind: 'scratch' }, platform };
  if (!IMAGE_ID.test(name)) checkWritten('stage name', name, () => parseReference(name));
  return { base: imageBase(name, platform, args), platform };
}

function imageBase(reference: string, platform: string | undefined, { globals }: BuildArguments): StageBase {
  const own = platform === undefined ? undefined : formatPlatform(parsePlatform(platform, ANY_PLATFORM));
  const isOther = own !== undefined && own !== globals.get('TARGETPLATFORM');
  return { kind: 'image', reference, image: isOther ? `${reference} for ${own}` : reference };
}

/** In BuildKit's words. */
function checkWritten(what: 'platform' | 'stage name', text: string, parse: () => unknown): void {
  try {
    parse();
  } catch (cause) {
    const shown = what === 'platform' ? text : JSON.stringify(text);
    throw new EngineError('invalid', `failed to parse ${what} ${shown}: ${messageOf(cause)}`, { cause });
  }
}
