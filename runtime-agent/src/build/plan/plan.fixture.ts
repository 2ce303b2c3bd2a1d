import assert from 'node:assert/strict';
import { readStages } from '#model/dockerfile/stages.ts';
import type { OciContainerDefaults } from '#model/oci/image-config.ts';
import type { Image } from '../../images/images.ts';
import { type BuildArguments, buildArguments } from './build-arguments.ts';
import { loadStages } from './load-stages.ts';
import { type ExtraLabels, planStages } from './plan.ts';
import { type NamedContexts, targetStage } from './stage-names.ts';
import type { PlannedStage, PlannedStep } from './work.ts';

export interface PlanOptions {
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly labels?: ExtraLabels['labels'];
  readonly contexts?: NamedContexts;
  readonly capitals?: boolean;
  /** Configurations of images by reference; others are empty. */
  readonly images?: Readonly<Record<string, OciContainerDefaults>>;
}

export interface Planned {
  readonly stages: readonly PlannedStage[];
  readonly args: BuildArguments;
  /** Images that were fetched, with their platforms. */
  readonly fetched: readonly string[];
}

const PLATFORM = { os: 'linux', architecture: 'amd64' };

export function imageOf(reference: string, config: OciContainerDefaults = {}): Image {
  const rootfs = { type: 'layers', diff_ids: [] } as const;
  return {
    id: `sha256:${reference}`,
    config: { ...PLATFORM, config, rootfs },
    chainIds: [],
    repoTags: [],
    repoDigests: [],
    size: 0,
  };
}

/** Plans a Dockerfile without an engine. */
export async function planText(text: string, options: PlanOptions = {}): Promise<Planned> {
  const read = readStages(text);
  assert.ok('dockerfile' in read, read.error?.message);
  const { dockerfile } = read;
  const { contexts = {} } = options;
  const target = targetStage(dockerfile.stages, options.target ?? '');
  const platforms = { buildPlatform: PLATFORM, targetPlatform: PLATFORM, targetStage: options.target ?? 'default' };
  const args = buildArguments({ given: options.args ?? {}, dockerfile, ...platforms });
  const fetched: string[] = [];
  const loaded = await loadStages({
    dockerfile,
    target,
    args,
    contexts,
    capitals: options.capitals ?? false,
    fetchImage: async (reference, platform) => {
      fetched.push(platform === undefined ? reference : `${reference} for ${platform}`);
      return imageOf(reference, options.images?.[reference]);
    },
  });
  const labels = options.labels ?? {};
  const stages = planStages(dockerfile, loaded, args, { extra: { stage: target, labels }, contexts });
  return { stages, args, fetched };
}

/** The steps of a Dockerfile's last stage. */
export async function planSteps(text: string, options: PlanOptions = {}): Promise<readonly PlannedStep[]> {
  return (await planText(text, options)).stages.at(-1)?.steps ?? [];
}

/** The configuration after all steps. */
export async function planConfig(text: string, options: PlanOptions = {}): Promise<OciContainerDefaults> {
  return (await planSteps(text, options)).at(-1)?.config ?? {};
}
