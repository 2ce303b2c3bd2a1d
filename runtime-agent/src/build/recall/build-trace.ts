/**
 * What a build asked the engine for and was answered, as long as it only looked: at images, at the cache, at layers. A build
 * of the same context comes to the same as long as the engine answers the same.
 */
import type { Image } from '../../images/images.ts';
import type { BuildCache } from '../build-cache.ts';
import type { BuilderDependencies } from '../dependencies.ts';
import type { StepOutcome } from '../steps/stage-result.ts';

/** What a build may look at. */
export interface TracedTools
  extends Pick<
    BuilderDependencies,
    'host' | 'transport' | 'registry' | 'networks' | 'runner' | 'database' | 'images' | 'snapshots'
  > {
  readonly cache: BuildCache;
}

export interface BuildTrace<T> {
  /** The same, for the build. */
  readonly tools: T;
  /** The image that it stored; undefined when it did anything else besides. */
  stored(): string | undefined;
  /** Asks all of it again, whereby what is used counts as used. The image has to be here still. */
  holds(): boolean;
}

export function traceBuild<T extends TracedTools>(tools: T): BuildTrace<T> {
  const { cache, images, snapshots } = tools;
  const [named, found] = [new Map<string, Image | undefined>(), new Map<string, StepOutcome>()];
  const layers = new Set<string>();
  const added: Image[] = [];
  let didMore = false;
  const more = (): void => void (didMore = true);
  const known = <K, V>(answers: Map<K, V>, question: K, answer: V): V => {
    if (answers.has(question) && answers.get(question) !== answer) more();
    answers.set(question, answer);
    return answer;
  };
  const seen = {
    images: watched(images, more, {
      find: (name) => known(named, name, images.find(name)),
      hold: (chainIds) => images.hold(chainIds),
      async add(image) {
        const stored = await images.add(image);
        added.push(stored);
        return stored;
      },
    }),
    cache: watched(cache, more, {
      find(key) {
        const outcome = cache.find(key);
        if (outcome !== undefined) found.set(key, outcome);
        return outcome;
      },
    }),
    snapshots: watched(snapshots, more, {
      has(chainId) {
        const isHere = snapshots.has(chainId);
        if (!isHere) more();
        return isHere;
      },
      lowerDirs: (chainIds) => snapshots.lowerDirs(chainIds),
      adopt(parent, diffId) {
        const layer = snapshots.adopt(parent, diffId);
        if (layer === undefined) more();
        else layers.add(layer.chainId);
        return layer;
      },
    }),
    host: watched(tools.host, more, { ids: tools.host.ids }),
    transport: watched(tools.transport, more, {}),
    registry: watched(tools.registry, more, {}),
    networks: watched(tools.networks, more, {}),
    runner: watched(tools.runner, more, {}),
    database: watched(tools.database, more, {}),
  };
  return {
    tools: { ...tools, ...seen },
    stored: () => (didMore || added.length > 1 ? undefined : added[0]?.id),
    holds: () =>
      added.every((image) => isStored(images.find(image.id), image)) &&
      [...named].every(([name, image]) => images.find(name) === image) &&
      [...found].every(([key, outcome]) => isSame(cache.find(key), outcome)) &&
      [...layers].every((chainId) => snapshots.has(chainId)),
  };
}

function isSame(a: StepOutcome | undefined, b: StepOutcome): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Storing it again would tell nothing new: one that was loaded has no parent, and would get it. */
function isStored(known: Image | undefined, { parent }: Image): boolean {
  return known !== undefined && known.parent === parent;
}

/** @param more told when anything but `own` is asked for */
function watched<T extends object>(part: T, more: () => void, own: Partial<T>): T {
  return new Proxy(part, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name) as unknown;
      more();
      return Reflect.get(target, name) as unknown;
    },
  });
}
