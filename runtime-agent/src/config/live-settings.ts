/** The settings that SIGHUP changes, as the parts of the engine see them: lists are the same objects for good. */
import { isDeepStrictEqual } from 'node:util';
import { CONFIG_KEYS } from './config-keys.ts';
import type { EngineConfig } from './engine-config.ts';

export interface LiveSettings {
  readonly registryMirrors: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly labels: readonly string[];
  debug: boolean;
  liveRestore: boolean;
  shutdownTimeoutSeconds: number;
  shmSize: number | undefined;
}

export function createLiveSettings(config: EngineConfig): LiveSettings {
  return {
    registryMirrors: [...config.registryMirrors],
    insecureRegistries: [...config.insecureRegistries],
    labels: [...config.labels],
    debug: config.debug,
    liveRestore: config.liveRestore,
    shutdownTimeoutSeconds: config.shutdownTimeoutSeconds,
    shmSize: config.containers.shmSize,
  };
}

function refill(list: readonly string[], by: readonly string[]): void {
  (list as string[]).splice(0, Infinity, ...by);
}

export function reloadSettings(live: LiveSettings, config: EngineConfig): void {
  refill(live.registryMirrors, config.registryMirrors);
  refill(live.insecureRegistries, config.insecureRegistries);
  refill(live.labels, config.labels);
  live.debug = config.debug;
  live.liveRestore = config.liveRestore;
  live.shutdownTimeoutSeconds = config.shutdownTimeoutSeconds;
  live.shmSize = config.containers.shmSize;
}

/** Whether anything but the keys that can be reloaded differs: that waits for the next start. */
export function needsRestart(now: EngineConfig, next: EngineConfig): boolean {
  const rest = ({ containers, ...config }: EngineConfig) => {
    const { registryMirrors: _m, insecureRegistries: _i, labels: _l, debug: _d, ...others } = config;
    const { liveRestore: _r, shutdownTimeoutSeconds: _s, ...fixed } = others;
    return { ...fixed, containers: { ...containers, shmSize: 0 } };
  };
  return !isDeepStrictEqual(rest(now), rest(next));
}

/** Keys that can be reloaded, for documentation and messages. */
export const RELOADABLE: readonly string[] = CONFIG_KEYS.filter(({ reload }) => reload).map(({ key }) => key);

/** The attributes of the event `daemon reload`, values in JSON as dockerd has them. */
export function reloadAttributes(live: LiveSettings, name: string): Record<string, string> {
  return {
    name,
    debug: JSON.stringify(live.debug),
    'insecure-registries': JSON.stringify(live.insecureRegistries),
    labels: JSON.stringify(live.labels),
    'live-restore': JSON.stringify(live.liveRestore),
    'registry-mirrors': JSON.stringify(live.registryMirrors),
    'shutdown-timeout': JSON.stringify(live.shutdownTimeoutSeconds),
  };
}
