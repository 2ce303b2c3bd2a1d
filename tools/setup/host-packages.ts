/** Programs that Slipway needs from the machine's own distribution. */
import { rm, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { Progress, Step } from './progress.ts';
import { findProgram, plainEnvironment, runProgram } from './run-program.ts';

interface HostPackage {
  /** Debian's name. */
  readonly name: string;
  /** It is there when this program is, or this file. */
  readonly provides: string;
  /** A service that the package would start; we only want the program. */
  readonly service?: string;
}

export const ENGINE_PACKAGES: readonly HostPackage[] = [
  { name: 'runc', provides: 'runc' },
  { name: 'conmon', provides: 'conmon' },
  { name: 'nftables', provides: 'nft' },
  { name: 'iproute2', provides: 'ip' },
  { name: 'tini', provides: 'tini-static' },
  { name: 'xz-utils', provides: 'xz' },
  { name: 'bzip2', provides: 'bzip2' },
  { name: 'git', provides: 'git' },
];

export const IMAGE_PACKAGES: readonly HostPackage[] = [{ name: 'debootstrap', provides: 'debootstrap' }];

export const TEST_PACKAGES: readonly HostPackage[] = [
  { name: 'openssh-server', provides: 'sshd', service: 'ssh' },
  { name: 'openssh-client', provides: 'ssh-keygen' },
  { name: 'sudo', provides: 'sudo' },
  { name: 'busybox-static', provides: 'busybox' },
  { name: 'shellcheck', provides: 'shellcheck' },
  { name: 'neovim', provides: 'nvim' },
  { name: 'openssl', provides: 'openssl' },
  { name: 'curl', provides: 'curl' },
  { name: 'docker-compose', provides: 'docker-compose' },
  { name: 'python3-docker', provides: '/usr/lib/python3/dist-packages/docker/client.py' },
  { name: 'chromium', provides: 'chromium' },
  { name: 'fonts-dejavu-core', provides: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
];

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const LISTS = '/var/lib/apt/lists';
const DAY_MS = 86_400_000;

export function missingPackages(packages: readonly HostPackage[]): readonly HostPackage[] {
  return packages.filter(({ provides }) =>
    provides.startsWith('/') ? !existsSync(provides) : findProgram(provides) === undefined,
  );
}

/** Installs what is missing. Throws, with the command for the person to run, where it cannot. */
export async function installPackages(packages: readonly HostPackage[], progress: Progress): Promise<void> {
  const missing = missingPackages(packages);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  if (findProgram('apt-get') === undefined) {
    throw new Error(
      `This machine lacks: ${names.join(', ')}. Install these programs with its package manager, then run the command again.`,
    );
  }
  const command = ['install', '-y', '--no-install-recommends', ...names];
  if (process.getuid?.() !== 0) {
    throw new Error(
      `This machine lacks: ${names.join(', ')}. Install them, then run the command again:\n  sudo apt-get ${command.join(' ')}`,
    );
  }
  await progress.step(`host packages ${names.join(', ')}`, expected(names), async (step) => {
    await withoutServiceStart(() => aptGet(command, step));
    for (const { service } of missing) if (service !== undefined) await disableService(service);
  });
  const still = missingPackages(packages);
  if (still.length > 0) {
    const programs = still.map(({ provides }) => provides).join(', ');
    throw new Error(`apt-get installed ${names.join(', ')}, but these are still not there: ${programs}.`);
  }
}

/** Unpacks a Debian package into a directory, without installing it: no service, no user, no other package. */
export async function unpackDebianPackage(names: readonly string[], directory: string, step: Step): Promise<void> {
  const name = await firstAvailable(names);
  await aptGet(['download', name], step, directory);
  const file = readdirSync(directory).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get download ${name} brought no package.`);
  await runProgram('dpkg-deb', ['-x', file, '.'], { cwd: directory });
  await rm(`${directory}/${file}`);
}

async function firstAvailable(names: readonly string[]): Promise<string> {
  for (const name of names) {
    const known = await runProgram('apt-cache', ['policy', name]);
    if (/Candidate: (?!\(none\))/.test(known)) return name;
  }
  return names.at(-1) ?? '';
}

function expected(names: readonly string[]): string {
  return names.includes('chromium') ? 'about a minute' : 'about ten seconds';
}

/** apt-get; the package lists are fetched first when they are missing or old, or when it fails without. */
async function aptGet(args: readonly string[], step: Step, cwd = '/'): Promise<void> {
  const env = { ...plainEnvironment(), DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args: readonly string[]): Promise<string> =>
    runProgram('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
      cwd,
      env,
      onLine: (line) => step.detail(line),
    });
  const fresh = listsAreFresh();
  if (!fresh) await apt(['update']);
  try {
    await apt(args);
  } catch (error) {
    if (!fresh) throw error;
    await apt(['update']);
    await apt(args);
  }
}

function listsAreFresh(): boolean {
  try {
    const lists = readdirSync(LISTS).filter((name) => /_Packages(\.|$)/.test(name));
    return lists.length > 0 && Date.now() - statSync(LISTS).mtimeMs < DAY_MS;
  } catch {
    return false;
  }
}

/** Debian starts a service when its package is installed, unless this policy file says no (invoke-rc.d(8)). */
async function withoutServiceStart(install: () => Promise<void>): Promise<void> {
  const ours = await writeFile(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' }).then(
    () => true,
    () => false,
  );
  try {
    await install();
  } finally {
    if (ours) await rm(POLICY_FILE, { force: true });
  }
}

/** Nor at the next boot. A machine without systemd has nothing to disable. */
async function disableService(service: string): Promise<void> {
  if (findProgram('systemctl') === undefined) return;
  await runProgram('systemctl', ['disable', `${service}.service`]).catch(() => undefined);
}
