/**
 * `--squash` of the classic builder: the layers that the build's last stage made become one, over those of what it starts
 * from. Files that came and went, or were there in several versions, take no room.
 */
import { createHash } from 'node:crypto';
import type { OciHistory } from '#model/oci/image-config.ts';
import type { PlannedBuild } from './plan-build.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { mergeLayers } from './merge-layers.ts';
import { bottomImage, madeImage } from './store-image.ts';
import type { BuildRun } from './steps/build-run.ts';
import type { StageResult } from './steps/stage-result.ts';

/** The history is dockerd's: all instructions, without layers, and what was merged to what. */
export async function squashed(
  result: StageResult,
  planned: PlannedBuild,
  run: BuildRun,
  snapshots: Pick<SnapshotStore, 'lowerDirs'>,
): Promise<StageResult> {
  const own = planned.target.steps.filter(({ createdBy }) => createdBy !== '').length;
  const kept = result.history.length - own;
  const made = result.history.slice(kept);
  const count = made.filter(({ empty_layer: isEmpty }) => !isEmpty).length;
  if (count === 0) return result;
  const start = { ...result, layers: result.layers.slice(0, -count), history: result.history.slice(0, kept) };
  const layer = await mergeLayers(start.layers, result.layers, { ...run, snapshots });
  return {
    ...start,
    layers: [...start.layers, layer],
    history: [
      ...start.history,
      ...made.map((entry): OciHistory => ({ ...entry, empty_layer: true })),
      { created: run.epoch ?? new Date().toISOString(), comment: commentOf(result, start, planned, run.epoch) },
    ],
  };
}

function commentOf(whole: StageResult, start: StageResult, planned: PlannedBuild, epoch: string | undefined): string {
  const { target, stages, loaded } = planned;
  const { base } = target;
  const idOf = (stage: typeof target, result: StageResult): string => {
    const { config } = madeImage({ ...planned, target: stage, result, epoch, more: {} });
    return `sha256:${createHash('sha256').update(JSON.stringify(config)).digest('hex')}`;
  };
  const below = base.kind === 'stage' ? stages.find(({ index }) => index === base.index) : undefined;
  const baseId = below === undefined ? bottomImage(target, stages, loaded)?.id : idOf(below, start);
  const id = idOf(target, whole);
  return baseId === undefined ? `create new from ${id}` : `merge ${id} to ${baseId}`;
}
