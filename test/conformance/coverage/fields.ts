/** The fields of Docker's types, from its official SDK, and which of them the engine takes or shows. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readCreateBody, readExecBody, readUpdateBody } from '../../../model/engine-api/create-request.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const TYPES = path.join(ROOT, 'node_modules/@docker/node-sdk/lib/types');
const EXPECTED = path.join(ROOT, 'test/conformance/expected');

/** Fields of one of Docker's types, in the order of its specification. */
export function fieldsOf(type: string): readonly string[] {
  const source = readFileSync(path.join(TYPES, `${type}.ts`), 'utf8');
  const body = source.slice(source.indexOf(`export interface ${type}`));
  return [...body.matchAll(/^ {4}(?:readonly )?'?(\w+)'?\??: /gm)].map(([, name = '']) => name);
}

/** Values of every kind: whichever a field is, it takes one of them or refuses another by its name. */
const PROBES: readonly unknown[] = ['x', 1, true, ['x'], {}, [{}]];

function isRead(read: (value: unknown) => object | undefined, field: string): boolean {
  return PROBES.some((value) => {
    try {
      return Object.hasOwn(read({ [field]: value }) ?? {}, field);
    } catch {
      return true; // it was looked at, and this is not its kind
    }
  });
}

export interface RequestType {
  readonly title: string;
  readonly type: string;
  readonly read: (body: unknown) => object | undefined;
}

export const REQUESTS: readonly RequestType[] = [
  { title: 'Config', type: 'ContainerConfig', read: (body) => readCreateBody(body).config },
  { title: 'HostConfig', type: 'HostConfig', read: (body) => readCreateBody({ HostConfig: body }).hostConfig },
  {
    title: 'EndpointSettings',
    type: 'EndpointSettings',
    read: (body) => readCreateBody({ NetworkingConfig: { EndpointsConfig: { n: body } } }).endpoints['n'],
  },
  {
    title: 'Mount',
    type: 'Mount',
    read: (body) => readCreateBody({ HostConfig: { Mounts: [body] } }).hostConfig.Mounts?.[0],
  },
  { title: 'update', type: 'ContainerUpdateRequest', read: readUpdateBody },
  { title: 'exec', type: 'ExecConfig', read: readExecBody },
];

/** Taken, with less than Docker's effect, or with an error that says so. */
export const LIMITS: Readonly<Record<string, string>> = {
  DeviceRequests: 'error at start',
  StorageOpt: 'error 400: the file system has no quotas',
  Isolation: '`default` only, as Docker on Linux',
  ContainerIDFile: 'written by clients',
  CpuCount: 'Windows only',
  CpuPercent: 'Windows only',
  IOMaximumIOps: 'Windows only',
  IOMaximumBandwidth: 'Windows only',
  KernelMemoryTCP: 'gone from kernels; Docker ignores it too',
  ArgsEscaped: 'Windows only',
  ClusterOptions: 'needs a swarm',
  OnBuild: 'of images',
};

export const isTaken = ({ read }: RequestType, field: string): boolean => isRead(read, field);

export interface AnswerType {
  readonly type: string;
  /** Names that only this type has together. */
  readonly marks: readonly string[];
}

export const ANSWERS: readonly AnswerType[] = [
  { type: 'ContainerInspectResponse', marks: ['HostConfig', 'HostnamePath'] },
  { type: 'ContainerState', marks: ['OOMKilled', 'FinishedAt'] },
  { type: 'ContainerSummary', marks: ['Names', 'ImageID'] },
  { type: 'NetworkSettings', marks: ['SandboxKey', 'Ports'] },
  { type: 'EndpointSettings', marks: ['EndpointID', 'GwPriority'] },
  { type: 'MountPoint', marks: ['Destination', 'RW'] },
  { type: 'ExecInspectResponse', marks: ['ProcessConfig', 'CanRemove'] },
  { type: 'ContainerStatsResponse', marks: ['precpu_stats', 'pids_stats'] },
  { type: 'ImageInspect', marks: ['RootFS', 'Metadata'] },
  { type: 'ImageSummary', marks: ['RepoTags', 'SharedSize'] },
  { type: 'Volume', marks: ['Mountpoint', 'Scope'] },
  { type: 'NetworkInspect', marks: ['IPAM', 'ConfigOnly'] },
  { type: 'SystemInfo', marks: ['DockerRootDir', 'NCPU'] },
  { type: 'SystemVersion', marks: ['MinAPIVersion', 'Components'] },
];

/** Names of fields that Docker answered, and the engine with it, in objects of these types. */
export function comparedFields(files: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map(ANSWERS.map(({ type }) => [type, new Set<string>()]));
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const names = Object.keys(value);
    for (const { type, marks } of Array.isArray(value) ? [] : ANSWERS) {
      if (marks.every((mark) => names.includes(mark))) for (const name of names) found.get(type)?.add(name);
    }
    for (const item of Object.values(value)) visit(item);
  };
  for (const file of files) visit(JSON.parse(readFileSync(path.join(EXPECTED, file), 'utf8')));
  return found;
}
