/** Somebody with a home directory, an SSH configuration and answers, who connects to a test server. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { resolveSshTarget, type SshConfigSources } from '../../client/src/hosts/ssh/config.ts';
import type { SshPrompts, UnknownHostKey } from '../../client/src/hosts/ssh/prompts.ts';
import { openSshSession, type SshSession } from '../../client/src/hosts/ssh/session.ts';
import type { TestSshd } from './sshd.ts';

export interface SshPerson {
  /** In the server's folder; gone with it. */
  readonly home: string;
  readonly knownHosts: string;
  readonly sources: SshConfigSources;
  /** Everything that was asked. */
  readonly asked: { readonly keys: UnknownHostKey[]; readonly passphrases: string[]; readonly passwords: string[] };
  /** @param name `box` when left out: the server, by the configuration */
  connect(name?: string, signal?: AbortSignal): Promise<SshSession>;
}

/** @param config lines of ~/.ssh/config for the host `box`; `~` is the person's home */
export function sshPerson(
  server: TestSshd,
  config: readonly string[] = [`IdentityFile ${server.keyFile}`],
  answers: Partial<SshPrompts> = {},
): SshPerson {
  const home = mkdtempSync(path.join(server.folder, 'home-'));
  mkdirSync(path.join(home, '.ssh'));
  const sources = {
    userFile: path.join(home, '.ssh', 'config'),
    systemFile: path.join(home, 'none'),
    home,
    localUser: 'root',
    env: {},
  };
  const base = ['HostName 127.0.0.1', `Port ${server.port}`, 'User root', 'GlobalKnownHostsFile /dev/null'];
  writeFileSync(sources.userFile, ['Host box', ...config, ...base].join('\n'));
  const asked: SshPerson['asked'] = { keys: [], passphrases: [], passwords: [] };
  const prompts: SshPrompts = {
    trustHostKey: async (key) => asked.keys.push(key) > 0,
    passphrase: async (file) => void asked.passphrases.push(file),
    password: async (who) => void asked.passwords.push(who),
    answer: async () => undefined,
    ...answers,
  };
  const resolve = (name: string): ReturnType<typeof resolveSshTarget> => resolveSshTarget(name, sources);
  return {
    home,
    knownHosts: path.join(home, '.ssh', 'known_hosts'),
    sources,
    asked,
    connect: (name = 'box', signal) =>
      openSshSession(resolve(name), { prompts, resolve, log: () => undefined, ...(signal ? { signal } : {}) }),
  };
}

/** The public half of a key pair, as it travels. */
export function publicKey(file: string): Buffer {
  return Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
}
