/** `rewrite-timestamp=true` of an output: no file of the layers that the build made is younger than SOURCE_DATE_EPOCH. */
import { Readable } from 'node:stream';
import { retimed } from '../snapshots/retime.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type { Layer, StageResult } from './steps/stage-result.ts';

export interface RewriteTimesTools {
  readonly snapshots: Pick<SnapshotStore, 'tar' | 'apply'>;
  /** Keeps layers until the build has ended. */
  readonly hold: (chainIds: readonly string[]) => void;
}

/** @param baseLayers of the image at the bottom, which stay as they are @param epoch RFC 3339 */
export async function rewriteTimes(
  result: StageResult,
  baseLayers: number,
  epoch: string,
  { snapshots, hold }: RewriteTimesTools,
): Promise<StageResult> {
  const latest = Date.parse(epoch) / 1000;
  const layers: Layer[] = result.layers.slice(0, baseLayers);
  for (const { chainId } of result.layers.slice(baseLayers)) {
    const tar = retimed(await snapshots.tar(chainId), (mtime) => (Number(mtime) > latest ? String(latest) : mtime));
    const made = await snapshots.apply(layers.at(-1)?.chainId, Readable.from(tar, { objectMode: false }));
    hold([made.chainId]);
    layers.push({ chainId: made.chainId, diffId: made.diffId });
  }
  return { ...result, layers };
}
