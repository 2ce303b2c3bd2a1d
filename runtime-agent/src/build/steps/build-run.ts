/** What the steps of one build share. */
import type { Host } from '../../host/host.ts';
import type { Transport } from '../../registry/transport.ts';
import type { StepRunner } from '../../runtime/run-step.ts';
import type { EndedStep } from '../../containers/keep-step.ts';
import type { SpecFacts } from '../../containers/spec/spec.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { BuildClient } from '../build-client.ts';
import type { CacheMounts } from '../cache-mounts.ts';
import type { ContextTree } from '../context/context-tree.ts';
import type { RootMounts } from '../mounted-root.ts';
import type { FilesFrom, PlannedStage } from '../plan/work.ts';
import type { BuildRequest } from '../request.ts';
import type { CopyGroup } from './copy-group.ts';
import type { NetworkLeases } from './network-leases.ts';

export interface BuildRun {
  readonly host: Host;
  readonly transport: Transport;
  readonly mounts: RootMounts;
  readonly cacheMounts: CacheMounts;
  readonly runner: StepRunner;
  readonly facts: SpecFacts;
  readonly networks: NetworkLeases;
  /** Limits and options for the containers of RUN. */
  readonly hostConfig: HostConfig;
  readonly networkMode: string;
  /** Says something to the person who builds. */
  readonly tell: (text: string) => void;
  /** Tells the person who builds of something doubtful. */
  readonly warn: (text: string) => void;
  /** Ends the build. */
  readonly signal: AbortSignal;
  /** Identity of what a mount of this path of the build context shows. */
  readonly contextDigest: (from: FilesFrom, source: string) => Promise<string>;
  /** The build context, or a named one, which comes when it is first asked for. */
  readonly contextOf: (from: FilesFrom) => Promise<ContextTree>;
  /** RFC 3339: SOURCE_DATE_EPOCH. */
  readonly epoch: string | undefined;
  readonly allowInsecure: boolean;
  /** As BuildRequest has it. */
  readonly asClassic: boolean;
  /** Keeps the container of a stage's step that has ended. */
  readonly keep: (stage: PlannedStage, step: Omit<EndedStep, 'image' | 'platform'>) => Promise<void>;
  readonly keepContainers: BuildRequest['keepContainers'];
  readonly client: BuildClient | undefined;
  readonly secrets: readonly string[] | 'ask';
  readonly agents: readonly string[] | 'ask';
  /** For files that live as long as the build. */
  folder(): Promise<string>;
  /** What was fetched from elsewhere, by address. */
  readonly fetched: Map<string, Promise<CopyGroup>>;
  /** Layers of an image by its reference as written. */
  readonly imageLayers: (reference: string) => readonly string[];
}
