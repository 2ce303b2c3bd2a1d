/** Builds that clients have begun, by their names for them: what several calls on several connections speak of. */
import type { BuildResult } from '../../build/request.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { StatusLog } from '../progress/status-log.ts';
import type { FrontendOptions } from './frontend-options.ts';

/** A Dockerfile that a client has asked to have built, which is done when its result is wanted. */
export interface Wanted {
  readonly options: FrontendOptions;
  /** Results of other builds that it uses, by name: ids of theirs. */
  readonly inputs: ReadonlyMap<string, string>;
  /** What it came to, once somebody has asked for it before its exporters. */
  made?: Promise<BuildResult['made']>;
}

/** What a client that leads its build itself makes of it. */
export interface Returned {
  /** Of what was wanted; undefined for nothing. */
  readonly wanted?: Wanted;
  /** The client's own failure. */
  readonly error?: unknown;
}

export interface RunningBuild {
  readonly ref: string;
  readonly session: string;
  readonly entitlements: readonly string[];
  readonly log: StatusLog;
  /** Results that were promised, by id. */
  readonly wanted: Map<string, Wanted>;
  readonly returned: PromiseWithResolvers<Returned>;
  readonly signal: AbortSignal;
}

export interface RunningBuilds {
  add(build: RunningBuild): Disposable;
  isKnown(ref: string): boolean;
  /** Waits for one that has yet to begin. Throws EngineError('not-found') when it does not. */
  find(ref: string, signal: AbortSignal): Promise<RunningBuild>;
  /** Of all builds, also those that have ended lately. */
  wanted(id: string): { readonly build: RunningBuild; readonly wanted: Wanted } | undefined;
}

/** Milliseconds: calls about a build come at the same time as its own, or a little before or after it. */
const PATIENCE = 5000;
const AFTERLIFE = 30_000;

export function createRunningBuilds(): RunningBuilds {
  const builds = new Map<string, RunningBuild>();
  const waiting = new Map<string, Set<() => void>>();
  return {
    add(build) {
      if (builds.has(build.ref)) throw new EngineError('conflict', `job ID ${build.ref} exists`);
      builds.set(build.ref, build);
      for (const wake of waiting.get(build.ref) ?? []) wake();
      return {
        [Symbol.dispose]() {
          build.log.end();
          setTimeout(() => builds.delete(build.ref), AFTERLIFE).unref();
        },
      };
    },
    isKnown: (ref) => builds.has(ref),
    async find(ref, signal) {
      const known = builds.get(ref);
      if (known !== undefined) return known;
      const wakers = waiting.get(ref) ?? new Set();
      waiting.set(ref, wakers);
      const { promise, resolve } = Promise.withResolvers<void>();
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
      patience.addEventListener('abort', () => resolve(), { once: true });
      wakers.add(resolve);
      await promise;
      wakers.delete(resolve);
      if (wakers.size === 0) waiting.delete(ref);
      const build = builds.get(ref);
      if (build === undefined) throw new EngineError('not-found', `no such job ${ref}`);
      return build;
    },
    wanted(id) {
      for (const build of builds.values()) {
        const wanted = build.wanted.get(id);
        if (wanted !== undefined) return { build, wanted };
      }
      return undefined;
    },
  };
}
