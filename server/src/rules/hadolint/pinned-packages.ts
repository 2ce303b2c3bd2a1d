/** Packages are installed in a version that is named: what is built today is built tomorrow. One rule for each manager. */
import { type Command, type CommandWord, operands } from '../../dockerfile/commands.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

interface Manager {
  readonly id: string;
  readonly name: string;
  /** The packages that the command installs; empty when it installs none. */
  packages(command: Command): readonly CommandWord[];
  isPinned(text: string): boolean;
  /** How a version is written. */
  example(text: string): string;
}

/** What a variable stands for is not known here. */
function isUnknown(text: string): boolean {
  return text.includes('$') || text.includes('*');
}

function pinRule({ id, name, packages, isPinned, example }: Manager): DockerfileRule {
  return {
    id,
    severity: 'warning',
    title: `Versions of packages are pinned with ${name}`,
    *check({ runs }) {
      for (const { commands } of runs) {
        for (const command of commands) {
          for (const { text, span } of packages(command)) {
            if (isUnknown(text) || isPinned(text)) continue;
            yield {
              span,
              message: `no version of '${text}': write ${example(text)}, or it will be another one tomorrow`,
            };
          }
        }
      }
    },
  };
}

/** The operands behind a subcommand such as `install`. */
function behind(
  command: Command,
  programs: readonly string[],
  subcommands: readonly string[],
  valueFlags: ReadonlySet<string>,
) {
  if (!programs.includes(command.program.text)) return [];
  const [subcommand, ...rest] = operands(command, valueFlags);
  return subcommand !== undefined && subcommands.includes(subcommand.text) ? rest : [];
}

const APT_FLAGS = new Set([
  '-t',
  '--target-release',
  '--default-release',
  '-c',
  '--config-file',
  '-o',
  '--option',
  '-a',
  '--host-architecture',
]);
const APK_FLAGS = new Set([
  '-t',
  '--virtual',
  '-X',
  '--repository',
  '-p',
  '--root',
  '--arch',
  '--keys-dir',
  '--wait',
  '--cache-dir',
]);
const RPM_FLAGS = new Set([
  '-c',
  '--config',
  '-d',
  '-e',
  '-x',
  '--exclude',
  '--enablerepo',
  '--disablerepo',
  '--releasever',
  '--setopt',
  '--installroot',
  '--repo',
  '--repoid',
]);
const ZYPPER_FLAGS = new Set([
  '-r',
  '--repo',
  '-t',
  '--type',
  '-n',
  '--name',
  '--from',
  '-R',
  '--root',
  '-C',
  '--capability',
]);
const NPM_FLAGS = new Set([
  '--prefix',
  '--registry',
  '--cache',
  '--userconfig',
  '--loglevel',
  '-w',
  '--workspace',
  '--omit',
  '--include',
]);
const GEM_FLAGS = new Set([
  '-i',
  '--install-dir',
  '-n',
  '--bindir',
  '-P',
  '--trust-policy',
  '-s',
  '--source',
  '--platform',
  '-p',
  '--http-proxy',
]);
const PIP_FLAGS = new Set([
  '-r',
  '--requirement',
  '-c',
  '--constraint',
  '-e',
  '--editable',
  '-t',
  '--target',
  '-i',
  '--index-url',
  '--extra-index-url',
  '-f',
  '--find-links',
  '--prefix',
  '--root',
  '--src',
  '--platform',
  '--python-version',
  '--implementation',
  '--abi',
  '--trusted-host',
  '--proxy',
  '--timeout',
  '--retries',
  '--cert',
  '--cache-dir',
  '--log',
  '--no-binary',
  '--only-binary',
  '--progress-bar',
  '--config-settings',
  '--global-option',
  '--upgrade-strategy',
  '--report',
  '--group',
]);

function isPath(text: string): boolean {
  return /^[./~]/.test(text) || text.includes('://') || /^git\+|^file:/.test(text);
}

/** `pip install`, `pip3 install`, `python -m pip install`. */
export function pipInstall(command: Command): Command | undefined {
  const { program, args } = command;
  if (!program.text.startsWith('p')) return undefined;
  if (/^pip[\d.]*$/.test(program.text)) return command;
  const module = args.findIndex(({ text }) => text === '-m');
  const pip = args[module + 1];
  if (!/^python[\d.]*$/.test(program.text) || module === -1 || pip?.text !== 'pip') return undefined;
  return { ...command, program: pip, args: args.slice(module + 2) };
}

function pipPackages(command: Command): readonly CommandWord[] {
  const pip = pipInstall(command);
  if (pip === undefined) return [];
  const fromFile = pip.args.some(({ text }) => /^(?:-r|--requirement|-c|--constraint|--group)/.test(text));
  const [subcommand, ...rest] = operands(pip, PIP_FLAGS);
  return subcommand?.text === 'install' && !fromFile ? rest : [];
}

function gemPackages(command: Command): readonly CommandWord[] {
  const hasVersion = command.args.some(({ text }) => /^(?:-v|--version)/.test(text));
  return hasVersion ? [] : behind(command, ['gem'], ['install', 'i'], GEM_FLAGS);
}

export const PINNED_PACKAGES: readonly DockerfileRule[] = [
  {
    id: 'DL3008',
    name: 'apt-get',
    packages: (command: Command) => behind(command, ['apt-get', 'apt', 'aptitude'], ['install'], APT_FLAGS),
    isPinned: (text: string) => text.includes('=') || text.includes('/') || text.endsWith('.deb'),
    example: (text: string) => `${text}=<version>`,
  },
  {
    id: 'DL3013',
    name: 'pip',
    packages: pipPackages,
    isPinned: (text: string) =>
      /[=<>!~@]/.test(text) ||
      isPath(text) ||
      /\.(?:whl|tar\.gz|zip)$/.test(text) ||
      text.includes('/') ||
      text === '.',
    example: (text: string) => `${text}==<version>`,
  },
  {
    id: 'DL3016',
    name: 'npm',
    packages: (command: Command) => behind(command, ['npm'], ['install', 'i', 'add'], NPM_FLAGS),
    isPinned: (text: string) =>
      /.@./.test(text) ||
      isPath(text) ||
      /\.tgz$|\.tar(?:\.gz)?$/.test(text) ||
      (text.includes('/') && !text.startsWith('@')),
    example: (text: string) => `${text}@<version>`,
  },
  {
    id: 'DL3018',
    name: 'apk',
    packages: (command: Command) => behind(command, ['apk'], ['add'], APK_FLAGS),
    isPinned: (text: string) =>
      /[=~<>@]/.test(text) || text.endsWith('.apk') || text.startsWith('.') || text.startsWith('!'),
    example: (text: string) => `${text}=<version>`,
  },
  {
    id: 'DL3028',
    name: 'gem',
    packages: gemPackages,
    isPinned: (text: string) => text.includes(':') || text.endsWith('.gem'),
    example: (text: string) => `${text}:<version>`,
  },
  {
    id: 'DL3033',
    name: 'yum',
    packages: (command: Command) => behind(command, ['yum'], ['install', 'groupinstall', 'localinstall'], RPM_FLAGS),
    isPinned: (text: string) => /-\d/.test(text) || text.endsWith('.rpm') || text.startsWith('@') || isPath(text),
    example: (text: string) => `${text}-<version>`,
  },
  {
    id: 'DL3037',
    name: 'zypper',
    packages: (command: Command) => behind(command, ['zypper'], ['install', 'in'], ZYPPER_FLAGS),
    isPinned: (text: string) => /[=<>]/.test(text) || /-\d/.test(text) || text.endsWith('.rpm') || isPath(text),
    example: (text: string) => `${text}=<version>`,
  },
  {
    id: 'DL3041',
    name: 'dnf',
    packages: (command: Command) =>
      behind(command, ['dnf', 'dnf5', 'microdnf'], ['install', 'groupinstall', 'localinstall'], RPM_FLAGS),
    isPinned: (text: string) =>
      /-\d/.test(text) || text.endsWith('.rpm') || text.startsWith('@') || isPath(text) || text.includes(':'),
    example: (text: string) => `${text}-<version>`,
  },
  {
    id: 'DL3062',
    name: 'go install',
    packages: (command: Command) =>
      behind(command, ['go'], ['install', 'get', 'run'], new Set(['-ldflags', '-tags', '-o', '-p', '-mod'])).filter(
        ({ text }) => /^[^./][^/]*\.[^/]+\//.test(text),
      ),
    isPinned: (text: string) => /@(?!latest$)./.test(text),
    example: (text: string) => `${text.replace(/@.*$/, '')}@<version>`,
  },
].map(pinRule);
