/** The engines that suites compare: each is started when a suite first asks for it, and ended with the run. */
import type { EnginePeer } from './peers/engine-peer.ts';
import { startDockerd } from './peers/dockerd.ts';
import { startPodman } from './peers/podman.ts';
import { startSlipway } from './peers/slipway.ts';

export interface BenchWorld extends AsyncDisposable {
  slipway(): Promise<EnginePeer>;
  /** undefined, with a line on stderr that says why, where it is not installed or does not start. */
  dockerd(): Promise<EnginePeer | undefined>;
  podman(): Promise<EnginePeer | undefined>;
  /** Slipway and the peers that are there. */
  engines(): Promise<readonly EnginePeer[]>;
}

export function createBenchWorld(): BenchWorld {
  const started: Promise<EnginePeer | undefined>[] = [];
  const once = <T extends EnginePeer | undefined>(start: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => {
      if (made === undefined) {
        made = start();
        started.push(made);
      }
      return made;
    };
  };
  const optional = (name: string, start: () => Promise<EnginePeer>) =>
    once(async () => {
      try {
        return await start();
      } catch (error) {
        console.error(`bench: without ${name}: ${(error as Error).message}`);
        return undefined;
      }
    });
  const slipway = once(startSlipway);
  const dockerd = optional('dockerd', startDockerd);
  const podman = optional('podman', startPodman);
  return {
    slipway,
    dockerd,
    podman,
    async engines() {
      const others = [await dockerd(), await podman()];
      return [await slipway(), ...others.filter((peer) => peer !== undefined)];
    },
    async [Symbol.asyncDispose]() {
      const ended = await Promise.allSettled(started.map(async (peer) => (await peer)?.[Symbol.asyncDispose]()));
      for (const result of ended) if (result.status === 'rejected') console.error(`bench: ${String(result.reason)}`);
    },
  };
}
