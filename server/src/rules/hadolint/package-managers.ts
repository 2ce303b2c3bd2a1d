/** How package managers are used in a build: without questions, and without leaving their caches in the image. */
import { type Command, finalStages, hasFlag, mountsAt, operands } from '../../dockerfile/commands.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import type { Fix, Problem } from '../rule.ts';
import { pipInstall } from './pinned-packages.ts';

function runs(command: Command, programs: readonly string[], subcommands: readonly string[]): boolean {
  return (
    programs.includes(command.program.text) &&
    operands(command).some(({ text }, i) => i === 0 && subcommands.includes(text))
  );
}

/** Behind the subcommand. */
function insertFlag(command: Command, flag: string): Fix[] {
  const [subcommand] = operands(command);
  if (subcommand === undefined) return [];
  const at = { start: subcommand.span.end, end: subcommand.span.end };
  return [{ title: `Insert ${flag}`, edits: [{ span: at, text: ` ${flag}` }] }];
}

interface Unasked {
  readonly id: string;
  readonly programs: readonly string[];
  readonly subcommands: readonly string[];
  readonly flags: readonly string[];
  readonly flag: string;
}

/** A build has no one to answer questions. */
function unaskedRule({ id, programs, subcommands, flags, flag }: Unasked): DockerfileRule {
  const [program = ''] = programs;
  return {
    id,
    severity: 'warning',
    title: `${program} asks no questions: it is called with ${flag}`,
    *check({ commands }) {
      for (const command of commands) {
        if (!runs(command, programs, subcommands) || hasFlag(command, ...flags)) continue;
        const message = `'${command.program.text} ${operands(command)[0]?.text}' asks before it goes on: add ${flag}`;
        yield { span: command.program.span, message, fixes: insertFlag(command, flag) };
      }
    },
  };
}

interface Leftovers {
  readonly id: string;
  readonly severity: 'warning' | 'information';
  readonly title: string;
  readonly programs: readonly string[];
  readonly subcommands: readonly string[];
  readonly folders: readonly string[];
  isCleaned(commands: readonly Command[]): boolean;
  readonly advice: string;
}

function leftoversRule({
  id,
  severity,
  title,
  programs,
  subcommands,
  folders,
  isCleaned,
  advice,
}: Leftovers): DockerfileRule {
  return {
    id,
    severity,
    title,
    *check({ runs: steps, stages }: DockerfileDocument): Generator<Problem> {
      const final = finalStages(stages);
      for (const { stage, instruction, commands } of steps) {
        const installing = commands.find((command) => runs(command, programs, subcommands));
        if (installing === undefined || !final.has(stage) || isCleaned(commands)) continue;
        if (folders.some((folder) => mountsAt(instruction, folder))) continue;
        yield {
          span: installing.program.span,
          message: `what '${installing.program.text}' downloaded stays in the layer: ${advice}`,
        };
      }
    },
  };
}

function removes(commands: readonly Command[], folder: RegExp): boolean {
  return commands.some(
    ({ program, args }) => ['rm', 'find'].includes(program.text) && args.some(({ text }) => folder.test(text)),
  );
}

function cleans(commands: readonly Command[], programs: readonly string[], ...words: readonly string[]): boolean {
  return commands.some(
    (command) =>
      programs.includes(command.program.text) &&
      words.every((word) => operands(command).some(({ text }) => text === word)),
  );
}

const DNF = ['dnf', 'dnf5', 'microdnf'];
const RPM_CACHE = /^\/var\/cache\/(?:yum|dnf|libdnf5)/;

const LEFTOVERS: readonly Leftovers[] = [
  {
    id: 'DL3009',
    severity: 'information',
    title: 'Package lists of apt-get are removed in the layer that fetched them',
    programs: ['apt-get', 'apt', 'aptitude'],
    subcommands: ['update'],
    folders: ['/var/lib/apt/lists', '/var/lib/apt'],
    isCleaned: (commands) =>
      removes(commands, /^\/var\/lib\/apt(?:\/lists)?/) || cleans(commands, ['apt-get', 'apt'], 'distclean'),
    advice: 'end with rm -rf /var/lib/apt/lists/*, or use a cache mount',
  },
  {
    id: 'DL3032',
    severity: 'warning',
    title: 'yum’s cache is removed in the layer that filled it',
    programs: ['yum'],
    subcommands: ['install', 'groupinstall', 'localinstall', 'reinstall', 'update', 'upgrade'],
    folders: ['/var/cache/yum'],
    isCleaned: (commands) => cleans(commands, ['yum'], 'clean', 'all') || removes(commands, RPM_CACHE),
    advice: 'end with yum clean all, or use a cache mount',
  },
  {
    id: 'DL3036',
    severity: 'warning',
    title: 'zypper’s cache is removed in the layer that filled it',
    programs: ['zypper'],
    subcommands: ['install', 'in', 'update', 'up', 'patch'],
    folders: ['/var/cache/zypp'],
    isCleaned: (commands) =>
      cleans(commands, ['zypper'], 'clean') ||
      cleans(commands, ['zypper'], 'cc') ||
      removes(commands, /^\/var\/cache\/zypp/),
    advice: 'end with zypper clean, or use a cache mount',
  },
  {
    id: 'DL3040',
    severity: 'warning',
    title: 'dnf’s cache is removed in the layer that filled it',
    programs: DNF,
    subcommands: ['install', 'groupinstall', 'localinstall', 'reinstall', 'update', 'upgrade'],
    folders: ['/var/cache/dnf', '/var/cache/libdnf5'],
    isCleaned: (commands) => cleans(commands, DNF, 'clean', 'all') || removes(commands, RPM_CACHE),
    advice: 'end with dnf clean all, or use a cache mount',
  },
  {
    id: 'DL3060',
    severity: 'information',
    title: 'yarn’s cache is removed in the layer that filled it',
    programs: ['yarn'],
    subcommands: ['install'],
    folders: ['/usr/local/share/.cache', '/root/.cache', '/usr/local/share/.cache/yarn'],
    isCleaned: (commands) => cleans(commands, ['yarn'], 'cache', 'clean') || removes(commands, /\.cache/),
    advice: 'end with yarn cache clean, or use a cache mount',
  },
];

const noRecommends: DockerfileRule = {
  id: 'DL3015',
  severity: 'information',
  title: 'apt-get installs no recommended packages that nobody asked for',
  *check({ commands }) {
    for (const command of commands) {
      if (!runs(command, ['apt-get', 'apt'], ['install']) || hasFlag(command, 'no-install-recommends')) continue;
      if (command.args.some(({ text }) => /Install-Recommends=(?:0|false|no)/i.test(text))) continue;
      yield {
        span: command.program.span,
        message: 'recommended packages make the image larger: add --no-install-recommends',
        fixes: insertFlag(command, '--no-install-recommends'),
      };
    }
  },
};

const apkNoCache: DockerfileRule = {
  id: 'DL3019',
  severity: 'information',
  title: 'apk keeps no index in the image: it is called with --no-cache',
  *check({ runs: steps }) {
    for (const { instruction, commands } of steps) {
      if (
        ['/var/cache/apk', '/etc/apk/cache'].some((folder) => mountsAt(instruction, folder)) ||
        removes(commands, /^\/var\/cache\/apk/)
      )
        continue;
      for (const command of commands) {
        if (!runs(command, ['apk'], ['add']) || hasFlag(command, 'no-cache')) continue;
        yield {
          span: command.program.span,
          message: 'the package index stays in the layer: add --no-cache',
          fixes: insertFlag(command, '--no-cache'),
        };
      }
    }
  },
};

const pipNoCache: DockerfileRule = {
  id: 'DL3042',
  severity: 'warning',
  title: 'pip keeps no downloads in the image: it is called with --no-cache-dir',
  *check(document) {
    const switchedOff = document.instructions.some(
      (instruction) =>
        instruction.keyword === 'ENV' &&
        document
          .properties(instruction)
          .some(
            ({ name, value }) => name === 'PIP_NO_CACHE_DIR' && !/^["']?(?:0|false|no|off)?["']?$/i.test(value ?? ''),
          ),
    );
    if (switchedOff) return;
    for (const { instruction, commands } of document.runs) {
      if (mountsAt(instruction, '/root/.cache/pip')) continue;
      yield* commands.flatMap(pipProblem);
    }
  },
};

function pipProblem(command: Command): Problem[] {
  const pip = pipInstall(command);
  if (pip === undefined || operands(pip)[0]?.text !== 'install' || hasFlag(pip, 'no-cache-dir')) return [];
  const message = 'downloads stay in the layer: add --no-cache-dir, or use a cache mount on /root/.cache/pip';
  return [{ span: pip.program.span, message, fixes: insertFlag(pip, '--no-cache-dir') }];
}

const aptGet: DockerfileRule = {
  id: 'DL3027',
  severity: 'warning',
  title: 'Scripts use apt-get or apt-cache: apt is for people at a terminal',
  *check({ commands }) {
    for (const { program, args } of commands) {
      if (program.text !== 'apt') continue;
      const isSame = ['update', 'install', 'upgrade', 'remove', 'purge', 'autoremove', 'clean'].includes(
        args.find(({ text }) => !text.startsWith('-'))?.text ?? '',
      );
      const fixes: Fix[] = isSame
        ? [{ title: 'Change to apt-get', edits: [{ span: program.span, text: 'apt-get' }] }]
        : [];
      yield {
        span: program.span,
        message: 'the interface of apt changes without notice: use apt-get or apt-cache',
        fixes,
      };
    }
  },
};

const noDistUpgrade: DockerfileRule = {
  id: 'DL3035',
  severity: 'warning',
  title: 'A build does not upgrade the whole distribution',
  *check({ commands }) {
    for (const command of commands) {
      if (!runs(command, ['zypper'], ['dist-upgrade', 'dup'])) continue;
      yield {
        span: command.program.span,
        message: 'zypper dist-upgrade changes everything at once: use a newer base image',
      };
    }
  },
};

export const PACKAGE_MANAGERS: readonly DockerfileRule[] = [
  ...[
    {
      id: 'DL3014',
      programs: ['apt-get', 'apt', 'aptitude'],
      subcommands: ['install'],
      flags: ['y', 'yes', 'assume-yes', 'qq'],
      flag: '-y',
    },
    {
      id: 'DL3030',
      programs: ['yum'],
      subcommands: ['install', 'groupinstall', 'localinstall'],
      flags: ['y', 'assumeyes'],
      flag: '-y',
    },
    {
      id: 'DL3038',
      programs: DNF,
      subcommands: ['install', 'groupinstall', 'localinstall'],
      flags: ['y', 'assumeyes'],
      flag: '-y',
    },
    {
      id: 'DL3034',
      programs: ['zypper'],
      subcommands: ['install', 'in', 'remove', 'rm', 'source-install', 'si', 'patch'],
      flags: ['n', 'non-interactive', 'no-confirm', 'y'],
      flag: '-y',
    },
  ].map(unaskedRule),
  noRecommends,
  apkNoCache,
  pipNoCache,
  aptGet,
  noDistUpgrade,
  ...LEFTOVERS.map(leftoversRule),
];
