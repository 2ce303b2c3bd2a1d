/** Finds out which stages and images a target needs, and fetches the images: the rest of the plan depends on what they say. */
import type { FromCommand } from '#model/dockerfile/commands.ts';
import { expandText } from '#model/dockerfile/expand.ts';
import { readTrigger, type Stage, type StagedDockerfile, type Step } from '#model/dockerfile/stages.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { formatPlatform, parsePlatform, type Platform } from '#model/oci/platform.ts';
import { suggest } from '#model/text/suggest.ts';
import type { Image } from '../../images/images.ts';
import { failedAt } from '../failure-cause.ts';
import { type BuildArguments, expand } from './build-arguments.ts';
import { checkStageName, filesFrom, type NamedContexts, namedContext, originsOf, stageNamed } from './stage-names.ts';
import type { FilesFrom, StageBase } from './work.ts';

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
  /** As with the classic builder FROM may name a stage in capitals, and what nobody needs may be anything. */
  readonly capitals?: boolean;
  /** Gives the image, pulled when it is not here. `context`: the name that the request gives it for. */
  readonly fetchImage: (reference: string, platform: string | undefined, context?: string) => Promise<Image>;
}

/** All images are fetched at the same time. */
export async function loadStages(options: LoadOptions): Promise<Loaded> {
  const { dockerfile, target, fetchImage } = options;
  const stages = new Map<number, LoadedStage>();
  const images = new Map<string, Image>();
  const fetching = new Map<string, Promise<Image>>();
  const loading = new Map<number, Promise<readonly string[]>>();

  const fetchOnce = (key: string, from: ImageName, platform?: string): Promise<Image> => {
    const known = fetching.get(key);
    if (known !== undefined) return known;
    const work = fetchImage(from.reference, platform, from.context).then((image) => {
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

  const loadStage = async (written: Stage): Promise<readonly string[]> => {
    const { base, platform, isWhole } = placed(written.from, () => baseOf(written, options));
    const stage = isWhole ? { ...written, steps: [] } : written;
    const triggersOf = async (): Promise<readonly string[]> => {
      if (base.kind === 'scratch' || base.kind === 'folder') return [];
      if (base.kind === 'stage') return load(base.index);
      const image = await fetchOnce(base.image, base, platform).catch(at(stage.from));
      return isWhole ? [] : (image.config.config?.OnBuild ?? []);
    };
    const own = needs(stage.steps, stage.index);
    const triggers = (await waitForAll([triggersOf(), ...own]))[0].map((text) => triggerStep(text, stage.from));
    stages.set(stage.index, { stage, base, triggers });
    await waitForAll([Promise.resolve(), ...needs(triggers, stage.index)]);
    return stage.steps.flatMap(({ command }) => (command.kind === 'ONBUILD' ? [command.trigger] : []));
  };

  const needs = (steps: readonly Step[], current: number): Promise<unknown>[] =>
    steps.flatMap((step) =>
      originsOf(step).map(async (name) => {
        const origin = originOf(name, step, current, options);
        if (origin.kind === 'stage') await load(origin.index);
        else if (origin.kind === 'image') await fetchOnce(origin.reference, origin).catch(at(step));
      }),
    );

  if (!options.capitals) checkNames(options);
  await load(target);
  return { stages: new Map([...stages].sort(([a], [b]) => a - b)), images };
}

/** To BuildKit what can be no stage and no image is wrong in stages too that nobody needs. */
function checkNames(options: LoadOptions): void {
  for (const stage of options.dockerfile.stages) {
    placed(stage.from, () => baseOf(stage, options));
    for (const step of stage.steps) for (const name of originsOf(step)) originOf(name, step, stage.index, options);
  }
}

function originOf(name: string, step: Step, current: number, { dockerfile, contexts = {} }: LoadOptions): FilesFrom {
  const scope = { stages: dockerfile.stages, current, contexts, isMount: step.command.kind === 'RUN' };
  return placed(step, () => filesFrom(name, scope));
}

/** Waits for all, also when one fails: nothing goes on in the background of a failed build. */
async function waitForAll<T>(work: readonly [Promise<T>, ...Promise<unknown>[]]): Promise<[T]> {
  const settled = await Promise.allSettled(work);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return [await work[0]];
}

/** It happens where the stage begins. */
function triggerStep(text: string, from: Step): Step {
  const read = readTrigger(text);
  if ('error' in read) return at(from)(new EngineError('invalid', `ONBUILD trigger of the base image: ${read.error}`));
  return { ...read.step, ...(from.span === undefined ? {} : { span: from.span }) };
}

/** For what cannot be fetched: the same error with the place of who wants it. */
function at({ span }: Step): (error: unknown) => never {
  return (error) => {
    throw span === undefined ? error : failedAt(error, span);
  };
}

/** What is wrong is so at the step. */
function placed<T>(step: Step, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return at(step)(error);
  }
}

interface Start {
  readonly base: StageBase;
  readonly platform: string | undefined;
  /** A context of the stage's own name is all of it. */
  readonly isWhole?: boolean;
}

function baseOf(stage: Stage, { dockerfile, args, contexts = {}, capitals = false }: LoadOptions): Start {
  const command: FromCommand = stage.from.command;
  const lookup = (name: string): string | undefined => args.globals.get(name);
  const name = expand(command.image, lookup, dockerfile.escape);
  if (name === '') throw new EngineError('invalid', `base name (${command.image}) should not be blank`);
  const platform = command.platform === undefined ? undefined : expand(command.platform, lookup, dockerfile.escape);
  if (platform === '') throw new EngineError('invalid', emptyPlatform(command.platform ?? '', args));
  if (platform) checkPlatform(platform);
  const whole = stage.name === undefined ? undefined : namedContext(contexts, stage.name);
  const named = whole ?? namedContext(contexts, name);
  if (named !== undefined) {
    const isWhole = whole !== undefined;
    if (named.kind === 'image') return { base: imageBase(named, platform, args), platform, isWhole };
    return { base: named.kind === 'scratch' ? named : { kind: 'folder', name: named.name }, platform, isWhole };
  }
  // To BuildKit names of stages are lower case, however they are written after AS; in a FROM it wants them so.
  const isStage = capitals || name === name.toLowerCase();
  const index = isStage ? stageNamed(dockerfile.stages, name, stage.index) : undefined;
  if (index !== undefined) return { base: { kind: 'stage', index }, platform };
  if (name === 'scratch') return { base: { kind: 'scratch' }, platform };
  checkStageName(name);
  return { base: imageBase({ reference: name }, platform, args), platform };
}

/** With the argument that may have been meant. */
function emptyPlatform(written: string, { globals }: BuildArguments): string {
  const { unset } = expandText(written, (name) => globals.get(name));
  const near = unset.map((name) => suggest(name, globals.keys(), true)).find((found) => found !== undefined);
  return `empty platform value from expression ${written}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
}

interface ImageName {
  readonly reference: string;
  readonly context?: string;
}

function imageBase(
  { reference, context }: ImageName,
  platform: string | undefined,
  { globals }: BuildArguments,
): StageBase {
  const own = platform === undefined ? undefined : formatPlatform(parsePlatform(platform, ANY_PLATFORM));
  const isOther = own !== undefined && own !== globals.get('TARGETPLATFORM');
  const image = isOther ? `${reference} for ${own}` : reference;
  return { kind: 'image', reference, image, ...(context === undefined ? {} : { context }) };
}

/** In BuildKit's words. */
function checkPlatform(text: string): void {
  try {
    parsePlatform(text, ANY_PLATFORM);
  } catch (cause) {
    throw new EngineError('invalid', `failed to parse platform ${text}: ${messageOf(cause)}`, { cause });
  }
}
