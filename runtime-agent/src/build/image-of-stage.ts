/** From an image to the stage that starts with it, and from a finished stage to its image. */
import type { OciContainerDefaults, OciImageConfig } from '#model/oci/image-config.ts';
import type { Platform } from '#model/oci/platform.ts';
import type { Image, NewImage } from '../images/images.ts';
import { datedHistory } from './dated-history.ts';
import type { StageResult } from './steps/stage-result.ts';

export function resultOfImage({ id, config, chainIds }: Image): StageResult {
  const diffIds = config.rootfs.diff_ids;
  return {
    layers: chainIds.map((chainId, i) => ({ chainId, diffId: diffIds[i] ?? '' })),
    history: config.history ?? [],
    identity: id,
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
  /** RFC 3339: nothing is younger. */
  readonly epoch: string | undefined;
  /** More fields of the configuration. */
  readonly more?: Readonly<Record<string, string>>;
}

/** A command or entrypoint of nothing is none, in BuildKit's configurations. */
function withoutEmpty(config: OciContainerDefaults): OciContainerDefaults {
  const isNone = (name: string): boolean => (name === 'Cmd' || name === 'Entrypoint') && !config[name]?.length;
  return Object.fromEntries(Object.entries(config).filter(([name]) => !isNone(name)));
}

export function imageOfStage({ result, config, author, base, platform, epoch, more = {} }: FinishedStage): NewImage {
  const { architecture, os, variant } = base ?? platform;
  const history = datedHistory(result.history, epoch);
  const created = history.findLast((entry) => entry.created !== undefined)?.created;
  return {
    chainIds: result.layers.map(({ chainId }) => chainId),
    config: {
      ...(created === undefined ? {} : { created }),
      ...(author === undefined ? {} : { author }),
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      config: withoutEmpty(config),
      rootfs: { type: 'layers', diff_ids: result.layers.map(({ diffId }) => diffId) },
      history,
      ...more,
    },
  };
}
