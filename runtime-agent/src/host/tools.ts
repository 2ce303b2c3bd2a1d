/** What the engine needs of the host, and how to get it. */
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';

export interface HostTool {
  readonly program: string;
  readonly purpose: string;
  /** Package by distribution family. */
  readonly packages: Readonly<Record<PackageFamily, string>>;
}

export type PackageFamily = 'debian' | 'fedora' | 'alpine' | 'arch' | 'suse';

const same = (name: string): Readonly<Record<PackageFamily, string>> => ({
  debian: name,
  fedora: name,
  alpine: name,
  arch: name,
  suse: name,
});

export const HOST_TOOLS: readonly HostTool[] = [
  { program: 'runc', purpose: 'runs containers', packages: same('runc') },
  { program: 'conmon', purpose: 'keeps containers alive without the engine', packages: same('conmon') },
  { program: 'nft', purpose: 'publishes ports and isolates networks', packages: same('nftables') },
  {
    program: 'ip',
    purpose: 'makes networks',
    packages: { ...same('iproute2'), fedora: 'iproute' },
  },
  { program: 'nsenter', purpose: 'works in the namespaces of containers', packages: same('util-linux') },
];

const INSTALL: Readonly<Record<PackageFamily, string>> = {
  debian: 'apt-get install -y',
  fedora: 'dnf install -y',
  alpine: 'apk add',
  arch: 'pacman -S --noconfirm',
  suse: 'zypper install -y',
};

/** The program's path, looked up as a shell does, with the system folders always included. */
export function findProgram(program: string, searchPath = process.env['PATH'] ?? ''): string | undefined {
  const folders = [
    ...searchPath.split(':'),
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/sbin',
    '/usr/bin',
    '/sbin',
    '/bin',
  ];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** @param osRelease contents of /etc/os-release */
export function packageFamily(osRelease: string): PackageFamily | undefined {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((match) => (match[1] ?? '').split(' '));
  if (ids.some((id) => ['debian', 'ubuntu'].includes(id))) return 'debian';
  if (ids.some((id) => ['fedora', 'rhel', 'centos'].includes(id))) return 'fedora';
  if (ids.includes('alpine')) return 'alpine';
  if (ids.includes('arch')) return 'arch';
  if (ids.some((id) => id.includes('suse'))) return 'suse';
  return undefined;
}

/** One command that installs the tools, or undefined when the distribution is not known. */
export function installCommand(tools: readonly HostTool[], family: PackageFamily | undefined): string | undefined {
  if (family === undefined || tools.length === 0) return undefined;
  return `${INSTALL[family]} ${tools.map((tool) => tool.packages[family]).join(' ')}`;
}

export function missingTools(): readonly HostTool[] {
  return HOST_TOOLS.filter((tool) => findProgram(tool.program) === undefined);
}

export function hostFamily(): PackageFamily | undefined {
  try {
    return packageFamily(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return undefined;
  }
}
