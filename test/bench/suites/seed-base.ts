import type { EnginePeer } from '../peers/engine-peer.ts';
import { BENCH_BASE } from './build-contexts.ts';

/** Gives both engines the image that the builds begin with: Slipway pulls it, the other gets it from there. */
export async function seedBase(slipway: EnginePeer, other: EnginePeer | undefined): Promise<void> {
  for await (const _ of await slipway.api.open('POST', '/images/create?fromImage=busybox&tag=latest'));
  if (other === undefined) return;
  const image = await slipway.api.open('GET', `/images/${BENCH_BASE}/get`);
  for await (const _ of await other.api.open('POST', '/images/load', image));
}
