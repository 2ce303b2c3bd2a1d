/**
 * The registry logins that `docker login` keeps, in config.json or with a credential helper (docker/docker-credential-helpers),
 * as the engine's API takes them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../../host/host.ts';
import type { RegistryCredentials } from '../../images/images.ts';
import { pickCredentials } from '../../registry/registry-auth.ts';

type Headers = Readonly<Record<string, string>>;

export interface RegistryLogins {
  /** Of all registries that are known. */
  forBuild(): Promise<Headers>;
  /** @param repository `host/name` or `name` */
  forPush(repository: string): Promise<Headers>;
}

interface ConfigFile {
  readonly auths?: Readonly<Record<string, object>>;
  /** Program that has all of them: `docker-credential-NAME`. */
  readonly credsStore?: string;
  /** The same, by registry. */
  readonly credHelpers?: Readonly<Record<string, string>>;
}

const DOCKER_HUB = 'https://index.docker.io/v1/';

/** @param environment for DOCKER_CONFIG @param tell of a helper that does not work: what it has counts as not there */
export function registryLogins(
  host: Pick<Host, 'run'>,
  environment: NodeJS.ProcessEnv,
  tell: (text: string) => void,
): RegistryLogins {
  const { auths = {}, credsStore, credHelpers = {} } = readConfigFile(environment);
  const helper = async (name: string, verb: 'get' | 'list', input: string): Promise<Record<string, unknown>> => {
    const program = `docker-credential-${name}`;
    try {
      const { code, stdout } = await host.run(program, [verb], { input, onFailure: 'return' });
      // A helper says on its standard output why it has nothing; that is no trouble.
      return code === 0 ? (Object(JSON.parse(stdout)) as Record<string, unknown>) : {};
    } catch (error) {
      tell(`${program} does not work: ${(error as Error).message}\n`);
      return {};
    }
  };
  const of = async (address: string): Promise<RegistryCredentials> => {
    const name = credHelpers[hostOf(address)] ?? credsStore;
    if (name === undefined) return entryFor(auths, address);
    const { Username, Secret } = await helper(name, 'get', address);
    if (typeof Username !== 'string' || typeof Secret !== 'string') return entryFor(auths, address);
    // How helpers keep an OAuth2 refresh token.
    if (Username === '<token>') return { identitytoken: Secret, serveraddress: address };
    return { username: Username, password: Secret, serveraddress: address };
  };
  return {
    async forBuild() {
      const stored = credsStore === undefined ? [] : Object.keys(await helper(credsStore, 'list', ''));
      const addresses = new Set([...Object.keys(auths), ...stored, ...Object.keys(credHelpers)]);
      const all = await Promise.all([...addresses].map(async (address) => [address, await of(address)] as const));
      const known = all.filter(([, login]) => Object.keys(login).length > 0);
      return { 'X-Registry-Config': encode(Object.fromEntries(known)) };
    },
    async forPush(repository) {
      const first = repository.split('/', 1)[0] ?? '';
      const isHost = repository.includes('/') && /[.:]|^localhost$/.test(first);
      return { 'X-Registry-Auth': encode(await of(isHost ? first : DOCKER_HUB)) };
    },
  };
}

function readConfigFile(environment: NodeJS.ProcessEnv): ConfigFile {
  const file = path.join(environment['DOCKER_CONFIG'] ?? path.join(homedir(), '.docker'), 'config.json');
  if (!existsSync(file)) return {};
  try {
    return Object(JSON.parse(readFileSync(file, 'utf8'))) as ConfigFile;
  } catch (cause) {
    throw new EngineError('invalid', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Addresses are written as host names, or as URLs. */
function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}

function entryFor(auths: Readonly<Record<string, object>>, address: string): RegistryCredentials {
  const key = Object.keys(auths).find((one) => one === address || hostOf(one) === hostOf(address));
  const login = key === undefined ? {} : pickCredentials(Object(auths[key]));
  return Object.keys(login).length === 0 ? {} : { ...login, serveraddress: key ?? address };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
