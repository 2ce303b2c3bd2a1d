/** The builder: Dockerfile and context in, image out; and the upkeep of its cache. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { letContainersPass } from '../host/hand-over.ts';
import { type BuildHistory, openBuildHistory } from './build-history.ts';
import { openBuildCache } from './build-cache.ts';
import { createCacheMounts } from './cache-mounts.ts';
import { type CacheUpkeep, createCacheUpkeep } from './cache-upkeep.ts';
import type { BuilderDependencies } from './dependencies.ts';
import { explainFailure } from './explain-failure.ts';
import { recallBuilds } from './recall/recall-builds.ts';
import { createRootMounts, sweepRootMounts } from './mounted-root.ts';
import type { BuildRequest, BuildResult } from './request.ts';
import { runBuild } from './run-build.ts';

export interface Builder extends AsyncDisposable {
  /**
   * Builds an image and stores it. Throws EngineError: 'invalid' for what is wrong with the Dockerfile, the context or a
   * command (exitCodeOf gives its exit code), 'cancelled' when aborted, 'unavailable' when the disk is full.
   */
  build(request: BuildRequest): Promise<BuildResult>;
  readonly upkeep: CacheUpkeep;
  readonly history: Pick<BuildHistory, 'list' | 'log'>;
  /** Layers that must stay because the build cache stands on them. */
  chainIds(): Iterable<string>;
}

/** Sweeps what a killed engine left of its builds. */
export async function createBuilder(dependencies: BuilderDependencies): Promise<Builder> {
  const { host, snapshots, images, database, dataRoot } = dependencies;
  const folder = path.join(dataRoot, 'build');
  const work = path.join(folder, 'work');
  const contexts = path.join(folder, 'contexts');
  await sweepRootMounts(host, work);
  await rm(contexts, { recursive: true, force: true });
  await mkdir(work, { recursive: true, mode: 0o710 });
  await letContainersPass(host.ids, folder, work);
  const cache = openBuildCache(database);
  const cacheMounts = createCacheMounts(path.join(folder, 'cache-mounts'), host.ids);
  const mounts = createRootMounts({ host, snapshots, directory: work });
  const tools = { ...dependencies, cache, cacheMounts, mounts, contexts };
  const imageChainIds = (): Iterable<string> => images.list().flatMap(({ chainIds }) => chainIds);
  const build = recallBuilds(tools, runBuild);
  const history = openBuildHistory(database);
  const ended = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    async build(request) {
      const signal = AbortSignal.any([request.signal, ended.signal]);
      const recorded = history.record({ ...request, signal }, async (asked) => {
        try {
          return await build(asked);
        } catch (error) {
          throw explainFailure(error, signal);
        }
      });
      running.add(recorded);
      try {
        return await recorded;
      } finally {
        running.delete(recorded);
      }
    },
    history,
    upkeep: createCacheUpkeep({ host, cache, cacheMounts, images, imageChainIds }),
    chainIds: () => cache.chainIds(),
    async [Symbol.asyncDispose]() {
      ended.abort();
      await Promise.allSettled(running);
    },
  };
}
