import type { Readable } from 'node:stream';
import type { Platform } from '#model/oci/platform.ts';
import type { EndedStep } from '../containers/keep-step.ts';
import type { SpecFacts } from '../containers/spec/spec.ts';
import type { Host } from '../host/host.ts';
import type { Garbage } from '../images/garbage.ts';
import type { Images } from '../images/images.ts';
import type { LayerTransfers } from '../images/layer-transfers.ts';
import type { Networks } from '../network/networks.ts';
import type { Registry } from '../registry/registry.ts';
import type { Transport } from '../registry/transport.ts';
import type { StepRunner } from '../runtime/run-step.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type { Database } from '../state/collection.ts';

/** What the builder needs of the engine. */
export interface BuilderDependencies {
  readonly host: Host;
  readonly snapshots: Pick<SnapshotStore, 'lowerDirs' | 'commitUpper' | 'assemble' | 'adopt' | 'has' | 'apply' | 'tar'>;
  readonly transport: Transport;
  readonly registry: Pick<Registry, 'find' | 'open'>;
  readonly images: Pick<Images, 'find' | 'pull' | 'add' | 'tag' | 'list'> &
    Pick<Garbage, 'hold' | 'sweep'> &
    LayerTransfers & {
      /** As `docker save`: an archive that is an OCI layout too. */
      save(names: readonly string[], platforms: readonly [], signal: AbortSignal): Promise<Readable>;
    };
  readonly networks: Pick<Networks, 'open' | 'close'>;
  readonly runner: StepRunner;
  /** Lists a step's container among those that have ended. */
  readonly keepContainer: (step: EndedStep) => Promise<void>;
  readonly facts: SpecFacts;
  readonly database: Database;
  /** On the file system of the snapshots. */
  readonly dataRoot: string;
  /** Of this machine. */
  readonly platform: Platform;
}
