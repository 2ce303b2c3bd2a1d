/** HostConfig as a container is kept with: checked, and completed with Docker's defaults. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import { checkLogConfig } from '../../logging/log-drivers.ts';
import { containerCapabilities } from '../spec/capabilities.ts';
import { DEFAULT_SHM_SIZE } from '../spec/mounts.ts';
import { securityOptions } from '../spec/security-options.ts';
import type { HostLimits } from './limits.ts';
import { checkNamespaces } from './namespaces.ts';
import { checkResources, discardUnsupported } from './resources.ts';

const invalid = (message: string): EngineError => new EngineError('invalid', message);

function checkRestart(host: HostConfig): void {
  const { Name = '', MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  const name: string = Name;
  if (host.AutoRemove && name !== '' && name !== 'no') {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
  if (name === '' || name === 'no' || name === 'always' || name === 'unless-stopped') {
    if (MaximumRetryCount === 0) return;
    const hint = `invalid restart policy: maximum retry count can only be used with 'on-failure'`;
    throw invalid(MaximumRetryCount < 0 ? `${hint} and cannot be negative` : hint);
  }
  if (name !== 'on-failure') {
    throw invalid(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (MaximumRetryCount < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative');
}

function checkLogging(host: HostConfig): void {
  const { Type = '', Config = {} } = host.LogConfig ?? {};
  checkLogConfig(Type || 'json-file', Config);
}

function checkSupported(host: HostConfig): void {
  const [option] = Object.keys(host.StorageOpt ?? {});
  if (option !== undefined) {
    if (option.toLowerCase() !== 'size') throw new EngineError('internal', `Unknown option ${option}`);
    throw new EngineError(
      'internal',
      "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
    );
  }
  if (!['', 'default'].includes(host.Isolation?.toLowerCase() ?? '')) {
    throw invalid(`invalid isolation (${host.Isolation}): linux only supports 'default'`);
  }
  if ('' in (host.Annotations ?? {})) {
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key');
  }
}

function checkSecurity(host: HostConfig): void {
  containerCapabilities({ add: host.CapAdd ?? [], drop: host.CapDrop ?? [], privileged: false }, []);
  securityOptions(host);
}

/** Throws EngineError('invalid') with Docker's words; 'not-implemented' for what this engine cannot do. */
export function checkHostConfig(host: HostConfig, limits: HostLimits): void {
  checkResources(host, limits);
  checkRestart(host);
  checkNamespaces(host);
  checkLogging(host);
  checkSupported(host);
  checkSecurity(host);
}

/** SELinux's labels cannot hold between a container and the host that it sees. */
const sharesHost = (host: HostConfig): boolean =>
  host.Privileged === true || host.PidMode === 'host' || host.IpcMode === 'host';

/** -1, which is no limit, where that is more than the kernel counts to. */
const twice = (bytes: number): number => (bytes < 2 ** 62 ? bytes * 2 : -1);

/** Docker's defaults, as inspect shows them. */
export function completeHostConfig(given: HostConfig, limits: HostLimits): HostConfig {
  const host = discardUnsupported(given, limits);
  const memory = host.Memory ?? 0;
  const mode = host.NetworkMode ?? '';
  const log = host.LogConfig ?? {};
  const restart = host.RestartPolicy ?? {};
  const labels = host.SecurityOpt?.some((option) => /^label[=:]/.test(option));
  const nothing = { Driver: '', Count: 0, DeviceIDs: null, Capabilities: null, Options: null };
  const requests = host.DeviceRequests?.map((request) => ({ ...nothing, ...request })) as HostConfig['DeviceRequests'];
  return {
    ...host,
    ...(requests === undefined ? {} : { DeviceRequests: requests }),
    NetworkMode: mode === '' || mode === 'default' ? 'bridge' : mode,
    MemorySwap: memory > 0 && !host.MemorySwap ? twice(memory) : (host.MemorySwap ?? 0),
    ShmSize: host.ShmSize || DEFAULT_SHM_SIZE,
    IpcMode: host.IpcMode || 'private',
    // On v2 also where it is privileged.
    CgroupnsMode: host.CgroupnsMode || (limits.cgroup2 ? 'private' : 'host'),
    RestartPolicy: { Name: restart.Name || 'no', MaximumRetryCount: restart.MaximumRetryCount ?? 0 },
    LogConfig: { Type: log.Type || 'json-file', Config: log.Config ?? {} },
    Runtime: host.Runtime || 'runc',
    ...(sharesHost(host) && !labels ? { SecurityOpt: [...(host.SecurityOpt ?? []), 'label=disable'] } : {}),
  };
}
