/** The bodies of /info and /version. */
import { readdirSync } from 'node:fs';
import { ENGINE_VERSION } from '#model/engine-api/engine-version.ts';
import type { SystemInfo, SystemVersion } from '#model/engine-api/types.ts';
import type { EngineConfig } from '../config/engine-config.ts';
import type { LiveSettings } from '../config/live-settings.ts';
import { LOG_DRIVERS } from '../logging/log-drivers.ts';
import type { HostFacts } from '../host/facts.ts';
import { shownProxy } from '../registry/proxies.ts';
import { API_VERSION, MIN_API_VERSION } from './version.ts';

export interface EngineCounts {
  readonly running: number;
  readonly paused: number;
  readonly stopped: number;
  readonly images: number;
  readonly eventListeners: number;
}

export interface InfoParts {
  readonly id: string;
  readonly config: EngineConfig;
  readonly live: LiveSettings;
  readonly facts: HostFacts;
  readonly appArmor: boolean;
  readonly counts: EngineCounts;
  readonly ipv4Forwarding: boolean;
  readonly initBinary: string;
}

function registryConfig(config: LiveSettings): NonNullable<SystemInfo['RegistryConfig']> {
  const insecure = Object.fromEntries(
    config.insecureRegistries.map((name) => [name, { Name: name, Mirrors: [], Secure: false, Official: false }]),
  );
  const mirrors = config.registryMirrors.map((url) => `${url}/`);
  return {
    IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: mirrors, Secure: true, Official: true }, ...insecure },
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    Mirrors: mirrors,
  };
}

const LIMITS = {
  MemoryLimit: true,
  SwapLimit: true,
  CpuCfsPeriod: true,
  CpuCfsQuota: true,
  CPUShares: true,
  CPUSet: true,
  PidsLimit: true,
};

const PLUGINS = {
  Volume: ['local'],
  Network: ['bridge', 'host', 'null'],
  Log: [...LOG_DRIVERS],
};

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Facts that never change while the engine runs. */
function constants(config: EngineConfig, live: LiveSettings, facts: HostFacts): SystemInfo {
  return {
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', facts.backingFilesystem],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    Plugins: PLUGINS,
    ...LIMITS,
    OomKillDisable: facts.memoryControls.oomKillDisable,
    KernelMemoryTCP: facts.memoryControls.kernelMemoryTcp,
    Debug: live.debug,
    LoggingDriver: config.containers.log.driver,
    CgroupDriver: 'cgroupfs',
    CgroupVersion: facts.cgroupVersion,
    KernelVersion: facts.kernel,
    OperatingSystem: facts.operatingSystem,
    OSVersion: facts.osVersion,
    OSType: 'linux',
    Architecture: facts.machine,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: registryConfig(live),
    NCPU: facts.cpus,
    MemTotal: facts.memory,
    DockerRootDir: config.dataRoot,
    Name: facts.name,
    Labels: [...live.labels],
    ExperimentalBuild: config.experimental,
    ServerVersion: ENGINE_VERSION,
    Runtimes: Object.fromEntries(
      [...Object.entries(config.runtimes), ['io.containerd.runc.v2', { path: 'runc' }] as const].map(
        ([name, { path }]) => [name, { path }],
      ),
    ),
    DefaultRuntime: config.defaultRuntime,
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    LiveRestoreEnabled: live.liveRestore,
    Isolation: '',
    RuncCommit: { ID: facts.runcVersion },
    ContainerdCommit: { ID: '' },
    InitCommit: { ID: '' },
    CDISpecDirs: [],
  };
}

function securityOptions({ config, facts, appArmor }: InfoParts): string[] {
  return [
    ...(appArmor ? ['name=apparmor'] : []),
    'name=seccomp,profile=builtin',
    ...(config.usernsRemap === undefined ? [] : ['name=userns']),
    ...(facts.cgroupVersion === '2' ? ['name=cgroupns'] : []),
  ];
}

export function systemInfo(parts: InfoParts): SystemInfo {
  const { id, config, live, facts, counts, ipv4Forwarding, initBinary } = parts;
  return {
    ID: id,
    Containers: counts.running + counts.paused + counts.stopped,
    ContainersRunning: counts.running,
    ContainersPaused: counts.paused,
    ContainersStopped: counts.stopped,
    Images: counts.images,
    ...constants(config, live, facts),
    SecurityOptions: securityOptions(parts),
    IPv4Forwarding: ipv4Forwarding,
    NFd: openFiles(),
    NGoroutines: 1,
    NEventsListener: counts.eventListeners,
    SystemTime: new Date().toISOString(),
    InitBinary: initBinary,
    HttpProxy: shownProxy(config.proxies.http),
    HttpsProxy: shownProxy(config.proxies.https),
    NoProxy: config.proxies.none,
    Warnings: ipv4Forwarding ? [] : ['WARNING: IPv4 forwarding is disabled'],
  };
}

export function systemVersion(facts: HostFacts, { experimental }: Pick<EngineConfig, 'experimental'>): SystemVersion {
  const common = { Os: 'linux', Arch: facts.goArch, KernelVersion: facts.kernel };
  return {
    Platform: { Name: 'Slipway' },
    Components: [
      {
        Name: 'Engine',
        Version: ENGINE_VERSION,
        Details: {
          ...common,
          BuildTime: '',
          GitCommit: '',
          GoVersion: '',
          ApiVersion: API_VERSION,
          MinAPIVersion: MIN_API_VERSION,
          Experimental: String(experimental),
        },
      },
      { Name: 'runc', Version: facts.runcVersion, Details: {} },
      { Name: 'conmon', Version: facts.conmonVersion, Details: {} },
    ],
    Version: ENGINE_VERSION,
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    GitCommit: '',
    GoVersion: '',
    ...common,
    BuildTime: '',
    ...(experimental ? { Experimental: true } : {}),
  };
}
