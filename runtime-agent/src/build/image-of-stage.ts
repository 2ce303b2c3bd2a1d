/** From an image to the stage that starts with it, and from a finished stage to its image. */
import type { OciContainerDefaults, OciImageConfig } from '#model/oci/image-config.ts';
import type { Platform } from '#model/oci/platform.ts';
import type { Image, NewImage } from '../images/images.ts';
import type { StageResult } from './steps/stage-result.ts';

export function resultOfImage({ id, config, chainIds }: Image): StageResult {
  const diffIds = config.rootfs.diff_ids;
  return {
    layers: chainIds.map((chainId, i) => ({ chainId, diffId: diffIds[i] ?? '' })),
    history: config.history ?? [],
    identity: id,
    created: config.created,
  };
}

export interface FinishedStage {
  readonly result: StageResult;
  readonly config: OciContainerDefaults;
  readonly author: string | undefined;
  /** The configuration of the image at the bottom; undefined for scratch. */
  readonly base: OciImageConfig | undefined;
  /** Of an image from scratch. */
  readonly platform: Platform;
  /** RFC 3339; for a stage that says nothing of its time. */
  readonly now: string;
  /** More fields of the configuration. */
  readonly more?: Readonly<Record<string, string>>;
}

export function imageOfStage({ result, config, author, base, platform, now, more = {} }: FinishedStage): NewImage {
  const { architecture, os, variant } = base ?? platform;
  return {
    chainIds: result.layers.map(({ chainId }) => chainId),
    config: {
      created: result.created ?? now,
      ...(author === undefined ? {} : { author }),
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      config,
      rootfs: { type: 'layers', diff_ids: result.layers.map(({ diffId }) => diffId) },
      history: result.history,
      ...more,
    },
  };
}
