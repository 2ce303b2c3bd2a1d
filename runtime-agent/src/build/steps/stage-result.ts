/** What the steps of a build hand on to one another. */
import { createHash } from 'node:crypto';
import type { OciHistory } from '#model/oci/image-config.ts';

export interface Layer {
  readonly chainId: string;
  readonly diffId: string;
}

/** A stage after one of its steps. */
export interface StageResult {
  /** Bottom first. */
  readonly layers: readonly Layer[];
  readonly history: readonly OciHistory[];
  /** Names this state and how it came about; the image's id for a stage's base. */
  readonly identity: string;
}

/** What the cache remembers of a step. */
export interface StepOutcome {
  /** RFC 3339. */
  readonly created: string;
  /** For people who look at what the cache holds. */
  readonly description: string;
  /** Undefined when the step changed no file. */
  readonly layer?: Layer & { readonly size: number };
}

export function hashOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;
}

/** The chain ids, bottom first. */
export function chainIdsOf({ layers }: Pick<StageResult, 'layers'>): string[] {
  return layers.map(({ chainId }) => chainId);
}

/** Names the whole root file system. */
export function rootOf({ layers }: Pick<StageResult, 'layers'>): string {
  return layers.at(-1)?.chainId ?? 'scratch';
}
