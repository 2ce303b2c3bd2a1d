/** Settings of one engine, from the command line and a file. */
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { ramInBytes } from '#model/engine-api/ram-in-bytes.ts';
import { checkLogConfig } from '../logging/log-drivers.ts';
import { type ProxySettings, proxyUrl } from '../registry/proxies.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { CONFIG_KEYS } from './config-keys.ts';
import type { AddressPool, ConfigValue, OciRuntimeConfig, Ulimit } from './config-value.ts';
import { type ListenAddress, parseListenAddress } from './listen-address.ts';
import { parseServeFlags } from './serve-flags.ts';

export interface TlsConfig {
  /** Clients must have a certificate of `ca`. */
  readonly verify: boolean;
  readonly ca: string | undefined;
  readonly cert: string;
  readonly key: string;
}

export interface ContainerDefaults {
  readonly log: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly ulimits: readonly Ulimit[];
  readonly dns: readonly string[];
  readonly dnsOptions: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly init: boolean;
  readonly initPath: string | undefined;
  readonly shmSize: number | undefined;
  readonly ipcMode: string | undefined;
  readonly cgroupnsMode: string | undefined;
  readonly cgroupParent: string | undefined;
  readonly noNewPrivileges: boolean;
  /** A file, 'unconfined', or undefined for the built-in profile. */
  readonly seccompProfile: string | undefined;
}

export interface EngineConfig {
  readonly hosts: readonly ListenAddress[];
  readonly group: string | undefined;
  readonly tls: TlsConfig | undefined;
  /** What must survive a reboot: images, containers, volumes, state. */
  readonly dataRoot: string;
  /** What must not: sockets, pid files, bundles of running containers. On a tmpfs by default. */
  readonly execRoot: string;
  readonly pidfile: string | undefined;
  readonly debug: boolean;
  readonly experimental: boolean;
  /** Base URLs of mirrors of the default registry, tried in order before it. */
  readonly registryMirrors: readonly string[];
  /** host[:port] of registries reached over plain HTTP or with an unverified certificate. */
  readonly insecureRegistries: readonly string[];
  /** Of the engine's own connections, not of containers. */
  readonly proxies: ProxySettings;
  readonly labels: readonly string[];
  readonly containers: ContainerDefaults;
  readonly runtimes: Readonly<Record<string, OciRuntimeConfig>>;
  readonly defaultRuntime: string;
  /** `default` or `USER[:GROUP]`; undefined: containers' ids are the host's. */
  readonly usernsRemap: string | undefined;
  readonly bip: string | undefined;
  readonly mtu: number | undefined;
  readonly addressPools: readonly AddressPool[];
  readonly liveRestore: boolean;
  readonly shutdownTimeoutSeconds: number;
  readonly metricsAddress: { readonly host: string; readonly port: number } | undefined;
}

export interface LoadedConfig {
  readonly config: EngineConfig;
  /** The file that was read, if there was one. */
  readonly file: string | undefined;
  /** What was accepted without effect. */
  readonly warnings: readonly string[];
  /** Only check the configuration. */
  readonly validate: boolean;
}

export const DEFAULT_SOCKET = '/run/slipway/slipway.sock';
export const DEFAULT_CONFIG_FILE = '/etc/slipway/daemon.json';
const DEFAULT_DATA_ROOT = '/var/lib/slipway';
const DEFAULT_EXEC_ROOT = '/run/slipway';
const DEFAULT_SHUTDOWN_SECONDS = 15;

type Values = ReadonlyMap<string, ConfigValue>;

const invalid = (message: string): EngineError => new EngineError('invalid', message);

function readFile(given: string | undefined): ConfigFile | undefined {
  const found = readConfigFile(given ?? DEFAULT_CONFIG_FILE);
  if (found === undefined && given !== undefined) throw invalid(`there is no configuration file ${given}`);
  return found;
}

/** Docker takes nothing from both places; neither do we. */
function refuseConflicts(flags: Values, file: ConfigFile): void {
  const both = [...file.values.keys()].filter((key) => flags.has(key));
  if (both.length === 0) return;
  const details = both.map((key) => {
    const [flag, own] = [flags.get(key), file.values.get(key)].map((value) => JSON.stringify(value));
    return `${file.place(key)}: (from flag: ${flag}, from file: ${own})`;
  });
  throw invalid(
    `the following directives are specified both as a flag and in the configuration file:\n${details.join('\n')}`,
  );
}

/** Reads typed values, and names the key in what goes wrong with one. */
function reader(values: Values, place: (key: string) => string) {
  return {
    get: <T extends ConfigValue>(key: string): T | undefined => values.get(key) as T | undefined,
    check<R>(key: string, work: () => R): R {
      try {
        return work();
      } catch (error) {
        throw invalid(`${place(key)}: ${messageOf(error)}`);
      }
    },
  };
}

type Reader = ReturnType<typeof reader>;

function tlsOf({ get }: Reader): TlsConfig | undefined {
  const verify = get<boolean>('tlsverify') ?? false;
  if (!verify && !get<boolean>('tls')) return undefined;
  const [ca, cert, key] = ['tlscacert', 'tlscert', 'tlskey'].map((name) => get<string>(name));
  if (cert === undefined || key === undefined) throw invalid('tls and tlsverify need tlscert and tlskey');
  if (verify && ca === undefined) throw invalid('tlsverify needs tlscacert, whose certificates clients must have');
  return { verify, ca, cert, key };
}

function hostsOf({ get, check }: Reader, tls: TlsConfig | undefined): readonly ListenAddress[] {
  const texts = get<readonly string[]>('hosts') ?? [`unix://${DEFAULT_SOCKET}`];
  const hosts = check('hosts', () => texts.map((text) => parseListenAddress(text, tls !== undefined)));
  const open = hosts.find(({ kind }) => kind === 'tcp');
  if (open === undefined || tls?.verify || get<boolean>('allow-insecure-tcp')) return hosts;
  throw invalid(
    'listening on TCP without client certificates would give root on this machine to whoever reaches the port: use ' +
      'tlsverify with tlscacert, tlscert and tlskey, or, if that is what you want, allow-insecure-tcp',
  );
}

function metricsOf({ get }: Reader): EngineConfig['metricsAddress'] {
  const text = get<string>('metrics-addr');
  if (!text) return undefined;
  const [, host = '', port = ''] = /^(?:tcp:\/\/)?(\[[^\]]*\]|[^:]*):(\d+)$/.exec(text) ?? [];
  if (port === '') throw invalid(`metrics-addr: ${text} is no ADDRESS:PORT`);
  return { host: host.replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(port) };
}

function containerDefaults({ get, check }: Reader): ContainerDefaults {
  const driver = get<string>('log-driver') || 'json-file';
  const options = get<Readonly<Record<string, string>>>('log-opts') ?? {};
  check(get('log-driver') === undefined ? 'log-opts' : 'log-driver', () => checkLogConfig(driver, options));
  const oneOf = (key: string, allowed: readonly string[]): string | undefined => {
    const value = get<string>(key) || undefined;
    if (value === undefined || allowed.includes(value)) return value;
    return check(key, () => {
      throw invalid(`expected ${allowed.map((word) => JSON.stringify(word)).join(' or ')}`);
    });
  };
  const shm = get<string>('default-shm-size');
  const profile = get<string>('seccomp-profile');
  return {
    log: { driver, options },
    ulimits: get<readonly Ulimit[]>('default-ulimits') ?? [],
    dns: get<readonly string[]>('dns') ?? [],
    dnsOptions: get<readonly string[]>('dns-opts') ?? [],
    dnsSearch: get<readonly string[]>('dns-search') ?? [],
    init: get<boolean>('init') ?? false,
    initPath: get<string>('init-path'),
    shmSize: shm === undefined ? undefined : check('default-shm-size', () => ramInBytes(shm)),
    ipcMode: oneOf('default-ipc-mode', ['private', 'shareable']),
    cgroupnsMode: oneOf('default-cgroupns-mode', ['private', 'host']),
    cgroupParent: get<string>('cgroup-parent'),
    noNewPrivileges: get<boolean>('no-new-privileges') ?? false,
    seccompProfile: profile === 'builtin' || profile === '' ? undefined : profile,
  };
}

function mirrorUrl(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(`${text}: not an http(s) URL, such as http://127.0.0.1:5000`);
  }
  return url.href.replace(/\/$/, '');
}

/** What is configured counts more than the environment, as in dockerd. */
function proxiesOf({ get, check }: Reader, env: NodeJS.ProcessEnv): ProxySettings {
  const one = (key: string): string => {
    const configured = get<string>(key);
    if (configured && key !== 'no-proxy') check(key, () => proxyUrl(configured));
    const variable = key.replace('-', '_');
    return configured || env[variable.toUpperCase()] || env[variable] || '';
  };
  return { http: one('http-proxy'), https: one('https-proxy'), none: one('no-proxy') };
}

function labelsOf({ get, check }: Reader): readonly string[] {
  const labels = get<readonly string[]>('labels') ?? [];
  const seen = new Map<string, string>();
  check('labels', () => {
    for (const label of labels) {
      const [key = '', value] = label.split(/=(.*)/s);
      if (value === undefined) throw invalid(`bad attribute format: ${label}`);
      if (seen.has(key) && seen.get(key) !== value)
        throw invalid(`conflict labels for ${key}=${value} and ${key}=${seen.get(key)}`);
      seen.set(key, value);
    }
  });
  return labels;
}

function runtimesOf({ get, check }: Reader): Pick<EngineConfig, 'runtimes' | 'defaultRuntime'> {
  const runtimes = { runc: { path: 'runc', args: [] }, ...get<Readonly<Record<string, OciRuntimeConfig>>>('runtimes') };
  const defaultRuntime = get<string>('default-runtime') || 'runc';
  check('default-runtime', () => {
    if (!(defaultRuntime in runtimes)) throw invalid(`specified default runtime '${defaultRuntime}' does not exist`);
  });
  return { runtimes, defaultRuntime };
}

function engineConfig(source: Reader, env: NodeJS.ProcessEnv): EngineConfig {
  const { get, check } = source;
  const dataRoot = path.resolve(get<string>('data-root') ?? DEFAULT_DATA_ROOT);
  // Two engines with data roots of their own never meet in one exec root.
  const execDefault = dataRoot === DEFAULT_DATA_ROOT ? DEFAULT_EXEC_ROOT : path.join(dataRoot, 'exec');
  const tls = tlsOf(source);
  const timeout = get<number>('shutdown-timeout') ?? DEFAULT_SHUTDOWN_SECONDS;
  return {
    hosts: hostsOf(source, tls),
    group: get<string>('group'),
    tls,
    dataRoot,
    execRoot: path.resolve(get<string>('exec-root') ?? execDefault),
    pidfile: get<string>('pidfile'),
    debug: get<boolean>('debug') ?? false,
    experimental: get<boolean>('experimental') ?? false,
    registryMirrors: check('registry-mirrors', () =>
      (get<readonly string[]>('registry-mirrors') ?? []).map((url) => mirrorUrl(url)),
    ),
    insecureRegistries: get<readonly string[]>('insecure-registries') ?? [],
    proxies: proxiesOf(source, env),
    labels: labelsOf(source),
    containers: containerDefaults(source),
    ...runtimesOf(source),
    usernsRemap: get<string>('userns-remap') || undefined,
    bip: get<string>('bip'),
    mtu: get<number>('mtu') || undefined,
    addressPools: get<readonly AddressPool[]>('default-address-pools') ?? [],
    liveRestore: get<boolean>('live-restore') ?? true,
    shutdownTimeoutSeconds: timeout,
    metricsAddress: metricsOf(source),
  };
}

const flagPlace = (key: string): string => `--${CONFIG_KEYS.find((entry) => entry.key === key)?.flag ?? key}`;

/**
 * @param args the command line after `serve`
 * @param env where proxies are looked for that are not configured
 * Throws EngineError('invalid') naming file, line and key, or the flag.
 */
export function loadConfig(args: readonly string[], env: NodeJS.ProcessEnv = process.env): LoadedConfig {
  const flags = parseServeFlags(args);
  const file = readFile(flags.configFile);
  if (file !== undefined) refuseConflicts(flags.values, file);
  const values = new Map([...flags.values, ...(file?.values ?? [])]);
  const place = (key: string): string => (file?.values.has(key) ? file.place(key) : flagPlace(key));
  return {
    config: engineConfig(reader(values, place), env),
    file: file === undefined ? undefined : (flags.configFile ?? DEFAULT_CONFIG_FILE),
    warnings: file?.warnings ?? [],
    validate: flags.validate,
  };
}
