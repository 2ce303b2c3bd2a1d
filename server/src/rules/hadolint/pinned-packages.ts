/** Packages are installed in a version that is named: what is built today is built tomorrow. One rule for each manager. */
import { calls, type Command, type CommandWord, operands } from '../../dockerfile/commands.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { commandRule } from '../instruction-rule.ts';
import { goPackages, isPinnedGoPackage } from './go-packages.ts';
import { isPinnedPipPackage, pipPackages } from './pip-packages.ts';
import { VALUE_FLAGS } from './value-flags.ts';

interface Manager {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly off?: true;
  readonly name: string;
  readonly programs?: readonly string[];
  /** The packages that the command installs; empty when it installs none. */
  packages(command: Command): readonly CommandWord[];
  isPinned(text: string): boolean;
  /** How a version is written. */
  example(text: string): string;
}

function pinRule({ name, packages, isPinned, example, ...about }: Manager): DockerfileRule {
  return commandRule({
    ...about,
    severity: 'warning',
    title: `Versions of packages are pinned with ${name}`,
    checkCommand: (command) =>
      packages(command)
        .filter(({ text }) => !isPinned(text))
        .map(({ text, span }) => ({
          span,
          message: `no version of '${text}': write ${example(text)}, or it will be another one tomorrow`,
        })),
  });
}

/** The operands behind a subcommand such as `install`. */
function installed(
  command: Command,
  programs: readonly string[],
  subcommands: readonly string[],
  valueFlags: ReadonlySet<string>,
): readonly CommandWord[] {
  if (!calls(command, programs, subcommands)) return [];
  return operands(command, valueFlags).filter(({ text }) => !subcommands.includes(text));
}

function npmPackages(command: Command): readonly CommandWord[] {
  if (command.program.text !== 'npm') return [];
  const [first, ...rest] = operands(command, VALUE_FLAGS.npm);
  return first !== undefined && ['install', 'i', 'add'].includes(first.text) ? rest : [];
}

/** Its own names behind a scope: `@org/name@1`. */
function isPinnedNpmPackage(text: string): boolean {
  if (/^git(?:\+\w+)?:\/\//.test(text)) return text.includes('#');
  return /\.(?:tar|tar\.gz|tgz)$/.test(text) || /^(?:\/|\.{1,2}\/|~\/|\.{1,2}$)/.test(text) || /.@/.test(text);
}

function gemPackages(command: Command): readonly CommandWord[] {
  if (command.args.some(({ text }) => /^(?:-v|--version)/.test(text))) return [];
  const own = command.args.findIndex(({ text }) => text === '--');
  const args = own === -1 ? command.args : command.args.slice(0, own);
  return installed({ ...command, args: withoutFlagValues(args) }, ['gem'], ['install', 'i'], VALUE_FLAGS.gem);
}

const GEM_SWITCHES =
  /^--(?:no-|force|user-install|local|remote|both|pre|verbose|quiet|silent|conservative|env-shebang)/;

/** What follows a flag for the gem's own build is its value, not a gem. */
function withoutFlagValues(args: readonly CommandWord[]): CommandWord[] {
  return args.filter((_, i) => {
    const before = args[i - 1]?.text ?? '';
    return !(before.startsWith('--') && !before.includes('=') && !GEM_SWITCHES.test(before));
  });
}

/** Modules (`dnf module install`) are pinned by a stream; groups have no versions. */
function rpmPackages(programs: readonly string[]): (command: Command) => readonly CommandWord[] {
  return (command) => {
    const packages = installed(command, programs, ['install'], VALUE_FLAGS.rpm);
    if (packages[0]?.text === 'group') return [];
    return packages[0]?.text === 'module' ? packages.slice(1).filter(({ text }) => !text.includes(':')) : packages;
  };
}

/** Names have dashes too: behind the one before a version stands a digit, or a variable that holds it. */
function isPinnedRpm(text: string): boolean {
  return /-(?:\d|\$)|:|^@|^\.{0,2}\/|\.rpm$/.test(text);
}

/** `pecl install` also takes archives, descriptions of packages and URLs: they are what they are. */
function isPinnedPecl(text: string): boolean {
  return /-\d|-\$|\.tgz$|\.tar$|(?:^|\/)package2?\.xml$|^https?:\/\//.test(text);
}

function peclPackages(command: Command): readonly CommandWord[] {
  if (command.program.text !== 'pecl') return [];
  const [subcommand, ...rest] = operands(command, VALUE_FLAGS.pecl);
  return subcommand !== undefined && ['install', 'upgrade', 'download'].includes(subcommand.text) ? rest : [];
}

const MANAGERS: readonly Manager[] = [
  {
    id: 'DL3008',
    name: 'apt-get',
    programs: ['apt-get'],
    packages: (command: Command) => installed(command, ['apt-get'], ['install'], VALUE_FLAGS.apt),
    isPinned: (text: string) => /[=/]|\.deb$/.test(text),
    example: (text: string) => `${text}=<version>`,
  },
  {
    id: 'DL3013',
    name: 'pip',
    packages: pipPackages,
    isPinned: isPinnedPipPackage,
    example: (text: string) => `${text}==<version>`,
  },
  {
    id: 'DL3016',
    name: 'npm',
    programs: ['npm'],
    packages: npmPackages,
    isPinned: isPinnedNpmPackage,
    example: (text: string) => (text.includes('://') ? `${text}#<commit>` : `${text}@<version>`),
  },
  {
    id: 'DL3018',
    name: 'apk',
    programs: ['apk'],
    packages: (command: Command) => installed(command, ['apk'], ['add'], VALUE_FLAGS.apk),
    isPinned: (text: string) => /[=~]|\.apk$/.test(text),
    example: (text: string) => `${text}=<version>`,
  },
  {
    id: 'DL3028',
    name: 'gem',
    programs: ['gem'],
    packages: gemPackages,
    isPinned: (text: string) => /:|\.gem$/.test(text),
    example: (text: string) => `${text}:<version>`,
  },
  {
    id: 'DL3033',
    name: 'yum',
    programs: ['yum'],
    packages: rpmPackages(['yum']),
    isPinned: isPinnedRpm,
    example: (text: string) => `${text}-<version>`,
  },
  {
    id: 'DL3037',
    name: 'zypper',
    programs: ['zypper'],
    packages: (command: Command) => installed(command, ['zypper'], ['install', 'in'], VALUE_FLAGS.zypper),
    isPinned: (text: string) => /[=<>]|:\/\/|\.rpm$/.test(text),
    example: (text: string) => `${text}=<version>`,
  },
  {
    id: 'DL3041',
    name: 'dnf',
    programs: ['dnf', 'dnf5', 'microdnf'],
    packages: rpmPackages(['dnf', 'dnf5', 'microdnf']),
    isPinned: isPinnedRpm,
    example: (text: string) => `${text}-<version>`,
  },
  {
    id: 'DL3062',
    name: 'go install',
    programs: ['go'],
    packages: goPackages,
    isPinned: isPinnedGoPackage,
    example: (text: string) => `${text.replace(/@.*$/, '')}@<version>`,
  },
  {
    id: 'UnpinnedPecl',
    // Proposed for hadolint.
    aliases: ['DL3068'],
    off: true,
    name: 'pecl',
    programs: ['pecl'],
    packages: peclPackages,
    isPinned: isPinnedPecl,
    example: (text: string) => `${text.replace(/-(?:alpha|beta|devel|snapshot|stable)$/, '')}-<version>`,
  },
];

export const PINNED_PACKAGES: readonly DockerfileRule[] = MANAGERS.map(pinRule);
