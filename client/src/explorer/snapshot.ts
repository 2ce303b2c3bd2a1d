/** What an engine has, as the trees show it. Replaced as a whole whenever an event says that something changed. */
import type {
  ContainerSummary,
  ImageSummary,
  Network,
  SystemInfo,
  SystemVersion,
  Volume,
} from '#model/engine-api/types.ts';
import type { Usage } from './usage.ts';

export interface EngineSnapshot {
  readonly info: SystemInfo;
  readonly version: SystemVersion;
  readonly containers: readonly ContainerSummary[];
  /** When running containers were started, by id; ms since 1970. */
  readonly startedAt: ReadonlyMap<string, number>;
  /** What running containers use, by id, of those that are looked at. */
  readonly usage?: ReadonlyMap<string, Usage>;
  readonly images: readonly ImageSummary[];
  readonly volumes: readonly Volume[];
  readonly networks: readonly Network[];
}

/** A host as the trees see it. */
export interface HostView {
  readonly id: string;
  readonly label: string;
  readonly kind: 'local' | 'ssh' | 'socket';
  readonly state: HostViewState;
  /** Terminals and new containers go there. */
  readonly active: boolean;
}

export type HostViewState =
  | { readonly kind: 'disconnected' }
  /** `lost`: why the connection that is being got back was lost; undefined for a first one. */
  | { readonly kind: 'connecting'; readonly message: string; readonly lost?: string }
  /** `snapshot` is undefined until the first look is done; `problem`: why the last look failed. */
  | { readonly kind: 'connected'; readonly snapshot: EngineSnapshot | undefined; readonly problem?: string }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'failed'; readonly message: string };
