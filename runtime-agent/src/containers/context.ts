/** What the verbs of containers work with. */
import type { OciContainerDefaults } from '#model/oci/image-config.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Host } from '../host/host.ts';
import type { Images } from '../images/images.ts';
import type { LogTrouble } from '../logging/ship-log.ts';
import type { Networks } from '../network/networks.ts';
import type { ExitWatch } from '../runtime/exit-watch.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { Volumes } from '../volumes/volumes.ts';
import type { Container } from './container.ts';
import type { SpecFacts } from './spec/spec.ts';
import type { Accounts } from './spec/user.ts';
import type { ContainerStore } from './store.ts';

/** What the configuration file gives containers that ask for nothing else. */
export interface ContainerDefaults {
  readonly log: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly init: boolean;
  readonly initPath: string | undefined;
  readonly shmSize: number | undefined;
  readonly ipcMode: string | undefined;
  readonly cgroupnsMode: string | undefined;
  readonly cgroupParent: string | undefined;
  readonly noNewPrivileges: boolean;
  /** JSON, 'unconfined', or undefined for the built-in profile. */
  readonly seccompProfile: string | undefined;
  /** Name of the OCI runtime. */
  readonly runtime: string;
}

export interface ContainerContext {
  readonly dataRoot: string;
  readonly host: Host;
  readonly events: EventLog;
  readonly images: Images;
  readonly snapshots: Snapshots;
  readonly volumes: Volumes;
  readonly networks: Networks;
  readonly runtime: Runtime;
  readonly exits: ExitWatch;
  readonly store: ContainerStore;
  readonly facts: SpecFacts;
  /** What images say of users and groups, by their topmost chain id; they never change. */
  readonly accounts: Map<string, Accounts>;
  /** Aborts when the engine ends. */
  readonly signal: AbortSignal;
  /** Dockerfile instructions that change an image's defaults. Throws EngineError('invalid') for others. */
  readonly applyChanges: (base: OciContainerDefaults, changes: readonly string[]) => OciContainerDefaults;
  readonly defaults: ContainerDefaults;
  /** Told of every health check that ran. */
  readonly onHealthCheck?: (failed: boolean) => void;
  /** Told how long it took until a health check's program ran. */
  readonly onHealthCheckStarted?: (seconds: number) => void;
  /** Told of logs that are sent elsewhere. */
  readonly onLogTrouble?: (trouble: LogTrouble, times: number) => void;
  /** Told of what went wrong behind the scenes. */
  readonly warn: (message: string, error: unknown) => void;
}

/** Publishes a container event with Docker's attributes: labels, image, name and the event's own. */
export function publish(
  context: ContainerContext,
  container: Container,
  action: string,
  attributes: Readonly<Record<string, string>> = {},
): void {
  const { id, name, config } = container.record;
  context.events.publish('container', action, id, {
    ...config.Labels,
    image: config.Image ?? '',
    name,
    ...attributes,
  });
}
