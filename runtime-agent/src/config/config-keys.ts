/**
 * Every key of the configuration file, which are dockerd's, with its flag. What dockerd has and this engine has not is
 * listed too: refused where leaving it out would weaken or change something, otherwise named in a warning.
 */

export type ConfigKind =
  | 'boolean'
  | 'string'
  | 'integer'
  /** A list of strings. */
  | 'list'
  /** An object of strings. */
  | 'map'
  | 'ulimits'
  | 'pools'
  | 'runtimes';

export interface ConfigKey {
  readonly key: string;
  readonly kind: ConfigKind;
  /** The flag's name where it differs from the key's: those that may be given several times are singular. */
  readonly flag?: string;
  /** Taken over by SIGHUP. */
  readonly reload?: true;
  readonly help: string;
}

const key = (
  name: string,
  kind: ConfigKind,
  help: string,
  more: Partial<Pick<ConfigKey, 'flag' | 'reload'>> = {},
): ConfigKey => ({ key: name, kind, help, ...more });

const reload = true;

export const CONFIG_KEYS: readonly ConfigKey[] = [
  key('hosts', 'list', 'listen on unix://PATH or tcp://ADDRESS:PORT', { flag: 'host' }),
  key('group', 'string', 'group that may use the Unix socket (default "slipway" where it exists)'),
  key('data-root', 'string', 'images, containers, volumes and state (default "/var/lib/slipway")'),
  key('exec-root', 'string', 'sockets and pid files (default "/run/slipway")'),
  key('pidfile', 'string', 'write the process id there'),
  key('debug', 'boolean', 'say more in the log', { reload }),
  key('tls', 'boolean', 'use TLS on TCP; implied by tlsverify'),
  key('tlsverify', 'boolean', 'use TLS on TCP and let in only clients with a certificate of tlscacert'),
  key('tlscacert', 'string', 'certificate authority of clients'),
  key('tlscert', 'string', 'certificate of this engine'),
  key('tlskey', 'string', 'private key of this engine'),
  key('allow-insecure-tcp', 'boolean', 'listen on TCP without client certificates: whoever reaches it is root here'),
  key('registry-mirrors', 'list', 'mirror of Docker Hub, tried first', { flag: 'registry-mirror', reload }),
  key('insecure-registries', 'list', 'registry without a verified certificate', { flag: 'insecure-registry', reload }),
  key('http-proxy', 'string', 'proxy for http, of registries and of what ADD downloads'),
  key('https-proxy', 'string', 'the same for https'),
  key('no-proxy', 'string', 'comma-separated hosts, domains and CIDRs that are reached without a proxy'),
  key('labels', 'list', 'KEY=VALUE label of this engine', { flag: 'label', reload }),
  key('log-driver', 'string', 'log driver of containers (default "json-file")'),
  key('log-opts', 'map', 'NAME=VALUE option of that log driver', { flag: 'log-opt' }),
  key('default-ulimits', 'ulimits', 'NAME=SOFT[:HARD] limit of containers', { flag: 'default-ulimit' }),
  key('default-shm-size', 'string', 'size of /dev/shm (default 64m)', { reload }),
  key('default-ipc-mode', 'string', '"private" or "shareable"'),
  key('default-cgroupns-mode', 'string', '"private" or "host"'),
  key('cgroup-parent', 'string', 'parent cgroup of containers'),
  key('no-new-privileges', 'boolean', 'containers cannot gain privileges'),
  key('seccomp-profile', 'string', 'file of the default profile, "builtin" or "unconfined"'),
  key('userns-remap', 'string', 'USER[:GROUP] whose subordinate ids containers have, or "default"'),
  key('init', 'boolean', 'run containers below an init by default'),
  key('init-path', 'string', 'program of that init'),
  key('runtimes', 'runtimes', 'NAME=PATH of an OCI runtime', { flag: 'add-runtime' }),
  key('default-runtime', 'string', 'OCI runtime of containers (default "runc")'),
  key('dns', 'list', 'name server of containers', {}),
  key('dns-opts', 'list', 'resolver option of containers', { flag: 'dns-opt' }),
  key('dns-search', 'list', 'search domain of containers', {}),
  key('bip', 'string', 'address of the default bridge, as ADDRESS/BITS'),
  key('mtu', 'integer', 'MTU of new networks'),
  key('default-address-pools', 'pools', 'base=CIDR,size=BITS of new networks', { flag: 'default-address-pool' }),
  key('live-restore', 'boolean', 'containers live on when the engine stops (default true)', { reload }),
  key('shutdown-timeout', 'integer', 'seconds that containers get to stop when they do not live on', { reload }),
  key('experimental', 'boolean', 'docker build --squash, which dockerd has in this mode only'),
  key('metrics-addr', 'string', 'ADDRESS:PORT of Prometheus metrics'),
];

/** The key of the file that has those in it which are flags of their own. */
export const PROXIES_KEY = 'proxies';
export const PROXY_KEYS: readonly string[] = ['http-proxy', 'https-proxy', 'no-proxy'];

/** dockerd's keys that change nothing here, and why. */
export const IGNORED_KEYS: Readonly<Record<string, string>> = {
  'allow-nondistributable-artifacts': 'layers are always pushed',
  'api-cors-header': 'browsers are not answered',
  builder: 'the build cache is pruned on demand',
  containerd: 'there is no containerd',
  'containerd-namespace': 'there is no containerd',
  'containerd-plugin-namespace': 'there is no containerd',
  features: 'there are no optional features',
  'log-format': 'the log is lines of text',
  'log-level': 'use debug',
  'max-concurrent-downloads': 'layers are downloaded at once as the connection allows',
  'max-concurrent-uploads': 'layers are uploaded at once as the connection allows',
  'max-download-attempts': 'downloads are resumed as long as they make progress',
  'node-generic-resources': 'there is no swarm',
  'raw-logs': 'the log has no colours',
  'swarm-default-advertise-addr': 'there is no swarm',
  'userland-proxy': 'ports are always reachable from the loopback',
  'userland-proxy-path': 'the proxy is part of the engine',
};

/** dockerd's keys that this engine cannot honour. */
export const REFUSED_KEYS: readonly string[] = [
  'authorization-plugins',
  'bridge',
  'bridge-accept-fwmark',
  'cdi-spec-dirs',
  'cluster-advertise',
  'cluster-store',
  'cpu-rt-period',
  'cpu-rt-runtime',
  'default-gateway',
  'default-gateway-v6',
  'default-network-opts',
  'exec-opts',
  'firewall-backend',
  'fixed-cidr',
  'fixed-cidr-v6',
  'host-gateway-ip',
  'host-gateway-ips',
  'icc',
  'ip',
  'ip-forward',
  'ip-forward-no-drop',
  'ip-masq',
  'ip6tables',
  'iptables',
  'ipv6',
  'oom-score-adjust',
  'selinux-enabled',
  'storage-driver',
  'storage-opts',
];
