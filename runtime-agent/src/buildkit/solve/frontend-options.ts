/** The options of BuildKit's Dockerfile frontend (frontend/dockerui), as a build's request. */
import { splitCsv } from '#model/dockerfile/csv-line.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { BuildRequest } from '../../build/request.ts';

export type FrontendOptions = Readonly<Record<string, string>>;

export type FrontendRequest = Pick<
  BuildRequest,
  | 'target'
  | 'platform'
  | 'pull'
  | 'ignoreCache'
  | 'ignoreCacheOf'
  | 'networkMode'
  | 'buildArgs'
  | 'labels'
  | 'hostConfig'
  | 'contexts'
>;

/** Throws EngineError: 'invalid' for what is malformed, 'not-implemented' for what the engine has not got. */
export function frontendRequest(options: FrontendOptions): FrontendRequest {
  const platform = options['platform'] ?? '';
  if (platform.includes(',')) {
    const advice = 'build one at a time, with a tag each';
    throw new EngineError(
      'not-implemented',
      `images of several platforms at once (${platform}) are not there: ${advice}`,
    );
  }
  const attestation = Object.entries(under('attest:', options)).find(([, value]) => !value.includes('disabled=true'));
  if (attestation !== undefined) {
    throw new EngineError('not-implemented', `attestations (${attestation[0]}) are not there: build without them`);
  }
  const noCache = options['no-cache'];
  return {
    target: options['target'] ?? '',
    platform,
    pull: options['image-resolve-mode'] === 'pull',
    ignoreCache: noCache === '',
    ignoreCacheOf: noCache === undefined || noCache === '' ? [] : noCache.split(','),
    networkMode: networkOf(options['force-network-mode'] ?? ''),
    buildArgs: under('build-arg:', options),
    labels: under('label:', options),
    hostConfig: hostConfigOf(options),
    contexts: contextsOf(options),
  };
}

function under(prefix: string, options: FrontendOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

function networkOf(mode: string): string {
  if (mode === '' || mode === 'sandbox') return 'default';
  if (mode === 'host' || mode === 'none') return mode;
  throw new EngineError('invalid', `invalid network mode ${mode}: use default, none or host`);
}

function hostConfigOf(options: FrontendOptions): HostConfig {
  const host: HostConfig = {};
  const hosts = splitCsv(options['add-hosts'] ?? '').filter((entry) => entry !== '');
  // `name=address`; what the classic builder has is `name:address`.
  if (hosts.length > 0) host.ExtraHosts = hosts.map((entry) => entry.replace('=', ':'));
  const shm = options['shm-size'] ?? '';
  if (shm !== '') host.ShmSize = wholeNumber('shm-size', shm);
  const limits = splitCsv(options['ulimit'] ?? '').filter((entry) => entry !== '');
  if (limits.length > 0) host.Ulimits = limits.map(ulimitOf);
  const parent = options['cgroup-parent'] ?? '';
  if (parent !== '') host.CgroupParent = parent;
  return host;
}

/** `nofile=1024:2048` */
function ulimitOf(text: string): { Name: string; Soft: number; Hard: number } {
  const match = /^([^=]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (match === null) throw new EngineError('invalid', `invalid ulimit ${text}: give it as NAME=SOFT:HARD`);
  const [, Name = '', soft = '', hard = soft] = match;
  return { Name, Soft: Number(soft), Hard: Number(hard) };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new EngineError('invalid', `invalid ${name}: ${text} is not a number`);
  return Number(text);
}

/** `context:NAME` is `local:FOLDER` of the session, `docker-image://…`, an address, or `input:…` of another build. */
function contextsOf(options: FrontendOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(under('context:', options)).map(([name, source]) => {
      // A name of one platform only: there is one.
      const plain = name.replace(/::.*$/, '');
      if (source.startsWith('local:') || source.startsWith('input:')) return [plain, source];
      if (source.startsWith('docker-image://') || source.includes('://') || source.startsWith('git@')) {
        return [plain, source];
      }
      throw new EngineError('not-implemented', `the named context ${name}=${source} is of a kind that is not there`);
    }),
  );
}
