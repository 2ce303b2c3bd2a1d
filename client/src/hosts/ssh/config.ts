/** ~/.ssh/config and /etc/ssh/ssh_config, as far as connecting needs them (ssh_config(5)). */
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import SSHConfig from 'ssh-config';
import { EngineError } from '#model/engine-api/errors.ts';
import { configText } from './config-text.ts';
import { type AuthMethod, parseDestination, type SshTarget } from './target.ts';

export interface SshConfigSources {
  readonly userFile: string;
  readonly systemFile: string;
  readonly home: string;
  readonly localUser: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function defaultSources(): SshConfigSources {
  const home = homedir();
  return {
    userFile: path.join(home, '.ssh', 'config'),
    systemFile: '/etc/ssh/ssh_config',
    home,
    localUser: userInfo().username,
    env: process.env,
  };
}

function load(sources: SshConfigSources): SSHConfig {
  const user = configText(sources.userFile, path.join(sources.home, '.ssh'), sources.home);
  const system = configText(sources.systemFile, path.dirname(sources.systemFile), sources.home);
  return SSHConfig.parse(`${user}\nHost *\n${system}\n`);
}

/** The names a person can pick: `Host` entries without wildcards, in the order of the file. */
export function listSshHosts(sources: SshConfigSources = defaultSources()): string[] {
  const names = load(sources)
    .flatMap((line) => ('param' in line && /^host$/i.test(line.param) ? [line.value] : []))
    .flatMap((value) => (typeof value === 'string' ? [value] : value.map(({ val }) => val)))
    .filter((name) => !/[*?!]/.test(name));
  return [...new Set(names)];
}

/**
 * @param name an alias of the configuration or `user@host:port`
 * @throws EngineError `invalid` when the name is no destination
 */
export function resolveSshTarget(name: string, sources: SshConfigSources = defaultSources()): SshTarget {
  const typed = parseDestination(name);
  if (typed === undefined) {
    throw new EngineError('invalid', `“${name}” is not an SSH destination: write host, user@host or user@host:port.`);
  }
  const found = load(sources).compute(
    typed.user === undefined ? { Host: typed.host } : { Host: typed.host, User: typed.user },
    { ignoreCase: true },
  );
  const all = (key: string): string[] => [found[key] ?? []].flat();
  const one = (key: string): string | undefined => all(key)[0];
  const host = (one('hostname') ?? typed.host).replaceAll('%h', typed.host);
  const port = typed.port ?? Number(one('port') ?? 22);
  const user = typed.user ?? one('user') ?? sources.localUser;
  const place = { name: typed.host, host, port, user };
  const file = (text: string): string => expandPath(text, place, sources);
  return {
    ...place,
    name,
    ...identities(all('identityfile'), one('identityagent'), file, sources),
    identitiesOnly: isYes(one('identitiesonly')),
    ...proxies(one('proxyjump'), one('proxycommand'), place, sources),
    ...hostKeys(all('userknownhostsfile'), all('globalknownhostsfile'), one('stricthostkeychecking'), file),
    hostKeyAlias: one('hostkeyalias'),
    hashKnownHosts: isYes(one('hashknownhosts')),
    authentications: authentications(one),
    connectTimeoutMs: seconds(one('connecttimeout'), 15),
    keepAliveMs: seconds(one('serveraliveinterval'), 15),
    keepAliveCount: Number(one('serveralivecountmax') ?? 3),
  };
}

interface Place {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

function identities(
  named: readonly string[],
  identityAgent: string | undefined,
  file: (text: string) => string,
  sources: SshConfigSources,
): Pick<SshTarget, 'identityFiles' | 'identityFilesNamed' | 'agentSocket'> {
  const files = named.filter((text) => text.toLowerCase() !== 'none').map(file);
  const defaults = named.length > 0 ? [] : DEFAULT_KEYS.map((key) => path.join(sources.home, '.ssh', key));
  return {
    identityFiles: [...new Set([...files, ...defaults])],
    identityFilesNamed: files.length > 0,
    agentSocket: agentSocket(identityAgent, file, sources),
  };
}

function agentSocket(
  value: string | undefined,
  file: (text: string) => string,
  sources: SshConfigSources,
): string | undefined {
  if (value === undefined || value === 'SSH_AUTH_SOCK') return nonEmpty(sources.env['SSH_AUTH_SOCK']);
  if (value.toLowerCase() === 'none') return undefined;
  if (/^\$\w+$/.test(value)) return nonEmpty(sources.env[value.slice(1)]);
  return file(value);
}

function proxies(
  jump: string | undefined,
  command: string | undefined,
  place: Place,
  sources: SshConfigSources,
): Pick<SshTarget, 'jumps' | 'proxyCommand'> {
  const isSet = (value: string | undefined): value is string => value !== undefined && value.toLowerCase() !== 'none';
  if (isSet(jump)) return { jumps: jump.split(',').map((hop) => hop.trim()), proxyCommand: undefined };
  return { jumps: [], proxyCommand: isSet(command) ? expandTokens(command, place, sources) : undefined };
}

function hostKeys(
  user: readonly string[],
  global: readonly string[],
  strict: string | undefined,
  file: (text: string) => string,
): Pick<SshTarget, 'knownHostsFiles' | 'globalKnownHostsFiles' | 'strictHostKeys'> {
  const split = (values: readonly string[]): string[] => values.flatMap((value) => value.split(/\s+/)).map(file);
  const policy = strict?.toLowerCase();
  return {
    knownHostsFiles: split(user.length > 0 ? user : ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
    globalKnownHostsFiles: split(
      global.length > 0 ? global : ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    ),
    // `no` would also let a changed key pass: that stays refused, an unknown one is accepted.
    strictHostKeys:
      policy === 'yes' ? 'yes' : policy === 'accept-new' || policy === 'no' || policy === 'off' ? 'accept-new' : 'ask',
  };
}

function authentications(one: (key: string) => string | undefined): AuthMethod[] {
  const supported: readonly AuthMethod[] = ['publickey', 'keyboard-interactive', 'password'];
  const wanted = one('preferredauthentications')?.split(',') ?? supported;
  const off = new Set<string>();
  if (isNo(one('pubkeyauthentication'))) off.add('publickey');
  if (isNo(one('passwordauthentication'))) off.add('password');
  if (isNo(one('kbdinteractiveauthentication'))) off.add('keyboard-interactive');
  return wanted
    .map((method) => supported.find((known) => known === method.trim()))
    .filter((method) => method !== undefined)
    .filter((method) => !off.has(method));
}

function expandPath(text: string, place: Place, sources: SshConfigSources): string {
  const tokens = expandTokens(text, place, sources);
  return path.resolve(sources.home, tokens.replace(/^~(?=\/|$)/, sources.home));
}

/** The tokens that ssh_config(5) allows in paths and proxy commands, and `${ENV}`. */
function expandTokens(text: string, place: Place, sources: SshConfigSources): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: sources.home,
    h: place.host,
    n: place.name,
    p: String(place.port),
    r: place.user,
    u: sources.localUser,
  };
  return text
    .replace(/%(.)/g, (token, letter: string) => values[letter] ?? token)
    .replace(/\$\{(\w+)\}/g, (_, variable: string) => sources.env[variable] ?? '');
}

function seconds(value: string | undefined, fallback: number): number {
  const number = Number(value ?? fallback);
  return (Number.isFinite(number) && number > 0 ? number : fallback) * 1000;
}

const isYes = (value: string | undefined): boolean => value?.toLowerCase() === 'yes';
const isNo = (value: string | undefined): boolean => value?.toLowerCase() === 'no';
const nonEmpty = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
