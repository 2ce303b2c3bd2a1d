/** What the engine needs of its host, and the packages that bring it: for `slipway doctor` and for setting hosts up. */
export interface HostTool {
  readonly program: string;
  /** Programs that do as well. */
  readonly or?: readonly string[];
  readonly purpose: string;
  /** The engine runs without it, and says so where it is asked for what it cannot do. */
  readonly optional?: true;
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

/** What may be `/sbin/docker-init` in a container; the first that is found. Statically linked ones before `tini`. */
export const INIT_PROGRAMS: readonly string[] = ['docker-init', 'tini-static', 'catatonit', 'tini'];

export const HOST_TOOLS: readonly HostTool[] = [
  { program: 'runc', purpose: 'runs containers', packages: same('runc') },
  { program: 'conmon', purpose: 'keeps containers alive without the engine', packages: same('conmon') },
  { program: 'nft', purpose: 'publishes ports and isolates networks', packages: same('nftables') },
  {
    program: 'ip',
    purpose: 'makes networks',
    packages: { ...same('iproute2'), fedora: 'iproute' },
  },
  { program: 'tar', purpose: 'unpacks image layers (GNU tar)', packages: same('tar') },
  { program: 'nsenter', purpose: 'works in the namespaces of containers', packages: same('util-linux') },
  {
    program: 'docker-init',
    or: INIT_PROGRAMS.slice(1),
    purpose: 'is the first process of containers with --init',
    optional: true,
    packages: { ...same('catatonit'), debian: 'tini', alpine: 'tini-static' },
  },
  { program: 'xz', purpose: 'unpacks .xz archives', optional: true, packages: { ...same('xz'), debian: 'xz-utils' } },
  { program: 'bzip2', purpose: 'unpacks .bz2 archives', optional: true, packages: same('bzip2') },
  { program: 'git', purpose: 'builds from Git repositories', optional: true, packages: same('git') },
];

const INSTALL: Readonly<Record<PackageFamily, string>> = {
  debian: 'apt-get install -y',
  fedora: 'dnf install -y',
  alpine: 'apk add',
  arch: 'pacman -S --noconfirm',
  suse: 'zypper install -y',
};

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
