/** How package managers are used in a build: without questions, and without leaving their caches in the image. */
import {
  calls,
  type Command,
  endsInImage,
  hasFlag,
  imageStages,
  mountsAt,
  mountsOn,
} from '../../dockerfile/commands.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { commandRule } from '../instruction-rule.ts';
import type { Fix, Problem } from '#model/rules/rule.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { pipOf } from '../../dockerfile/pip.ts';

/** Behind the subcommand. */
function insertFlag(command: Command, subcommands: readonly string[], flag: string): Fix[] {
  const subcommand = command.args.find(({ text }) => subcommands.includes(text));
  if (subcommand === undefined) return [];
  const at = { start: subcommand.span.end, end: subcommand.span.end };
  return [{ title: `Insert ${flag}`, edits: [{ span: at, text: ` ${flag}` }] }];
}

interface Unasked {
  readonly id: string;
  readonly programs: readonly string[];
  readonly subcommands: readonly string[];
  isUnasked(command: Command): boolean;
}

/** A build has no one to answer questions. */
function unaskedRule({ id, programs, subcommands, isUnasked }: Unasked): DockerfileRule {
  const [program = ''] = programs;
  return commandRule({
    id,
    programs,
    severity: 'warning',
    title: `${program} asks no questions: it is called with -y`,
    checkCommand(command) {
      if (!calls(command, programs, subcommands) || isUnasked(command)) return [];
      const subcommand = command.args.find(({ text }) => subcommands.includes(text))?.text;
      const message = `'${command.program.text} ${subcommand}' asks before it goes on: add -y`;
      return [{ span: command.program.span, message, fixes: insertFlag(command, subcommands, '-y') }];
    },
  });
}

interface Leftovers {
  readonly id: string;
  readonly severity: 'warning' | 'information';
  readonly title: string;
  readonly programs: readonly string[];
  readonly subcommands: readonly string[];
  /** Do mounts keep it out of the layer? */
  isMounted(instruction: Instruction): boolean;
  /** Layers that no image has may be as large as they like. */
  readonly inImagesOnly: boolean;
  /** @param commands what runs behind the last installation; @param program the one that installs */
  isCleaned(commands: readonly Command[], program: string): boolean;
  readonly advice: string;
}

function leftoversRule({
  id,
  severity,
  title,
  programs,
  subcommands,
  isMounted,
  inImagesOnly,
  isCleaned,
  advice,
}: Leftovers): DockerfileRule {
  return {
    id,
    severity,
    title,
    *check({ runs: steps, stages, programs: started }: DockerfileDocument): Generator<Problem> {
      if (!programs.some((program) => started.has(program))) return;
      let images: ReadonlySet<Stage> | undefined;
      for (const { part, instruction, commands } of steps) {
        const last = commands.findLastIndex((command) => calls(command, programs, subcommands));
        const installing = commands[last];
        if (installing === undefined || isCleaned(commands.slice(last + 1), installing.program.text)) continue;
        if (inImagesOnly && !endsInImage(part, (images ??= imageStages(stages)))) continue;
        if (isMounted(instruction)) continue;
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
  return commands.some((command) => words.every((word) => calls(command, programs, [word])));
}

const DNF = ['dnf', 'dnf5', 'microdnf'];
const INSTALL = ['install', 'groupinstall', 'localinstall', 'reinstall', 'update', 'upgrade'];
const RPM_CACHE = /\/var\/cache\/(?:yum|dnf|libdnf5)/;

const LEFTOVERS: readonly Leftovers[] = [
  {
    id: 'DL3040',
    severity: 'warning',
    title: 'dnf’s cache is removed in the layer that filled it',
    programs: DNF,
    subcommands: INSTALL,
    isMounted: (run) => mountsAt(run, '/var/cache/dnf') || mountsAt(run, '/var/cache/libdnf5'),
    inImagesOnly: false,
    isCleaned: (commands, program) => cleans(commands, [program], 'clean', 'all') || removes(commands, RPM_CACHE),
    advice: 'end with dnf clean all, or use a cache mount',
  },
  {
    id: 'DL3009',
    severity: 'information',
    title: 'Package lists of apt-get are removed in the layer that fetched them',
    programs: ['apt-get'],
    subcommands: ['update'],
    isMounted: (run) =>
      mountsOn(run, '/var/lib/apt/lists') || (mountsOn(run, '/var/lib/apt') && mountsOn(run, '/var/cache/apt')),
    inImagesOnly: true,
    isCleaned: (commands) =>
      removes(commands, /\/var\/lib\/apt(?:\/lists)?/) || cleans(commands, ['apt-get', 'apt'], 'distclean'),
    advice: 'end with rm -rf /var/lib/apt/lists/*, or use a cache mount',
  },
  {
    id: 'DL3032',
    severity: 'warning',
    title: 'yum’s cache is removed in the layer that filled it',
    programs: ['yum'],
    subcommands: INSTALL,
    isMounted: (run) => mountsAt(run, '/var/cache/yum'),
    inImagesOnly: false,
    isCleaned: (commands) => cleans(commands, ['yum'], 'clean', 'all') || removes(commands, RPM_CACHE),
    advice: 'end with yum clean all, or use a cache mount',
  },
  {
    id: 'DL3036',
    severity: 'warning',
    title: 'zypper’s cache is removed in the layer that filled it',
    programs: ['zypper'],
    subcommands: ['install', 'in', 'update', 'up', 'patch'],
    isMounted: (run) => mountsAt(run, '/var/cache/zypp'),
    inImagesOnly: false,
    isCleaned: (commands) =>
      cleans(commands, ['zypper'], 'clean') ||
      cleans(commands, ['zypper'], 'cc') ||
      removes(commands, /^\/var\/cache\/zypp/),
    advice: 'end with zypper clean, or use a cache mount',
  },
  {
    id: 'DL3060',
    severity: 'information',
    title: 'yarn’s cache is removed in the layer that filled it',
    programs: ['yarn'],
    subcommands: ['install'],
    isMounted: (run) =>
      mountsAt(run, '/usr/local/share/.cache') ||
      mountsAt(run, '/root/.cache') ||
      mountsAt(run, '/usr/local/share/.cache/yarn'),
    inImagesOnly: true,
    isCleaned: (commands) => cleans(commands, ['yarn'], 'cache', 'clean') || removes(commands, /\.cache/),
    advice: 'end with yarn cache clean, or use a cache mount',
  },
];

const noRecommends = commandRule({
  id: 'DL3015',
  programs: ['apt-get'],
  severity: 'information',
  title: 'apt-get installs no recommended packages that nobody asked for',
  checkCommand(command) {
    if (!calls(command, ['apt-get'], ['install']) || hasFlag(command, 'no-install-recommends')) return [];
    if (command.args.some(({ text }) => /Install-Recommends=(?:0|false|no)/i.test(text))) return [];
    return [
      {
        span: command.program.span,
        message: 'recommended packages make the image larger: add --no-install-recommends',
        fixes: insertFlag(command, ['install'], '--no-install-recommends'),
      },
    ];
  },
});

const apkNoCache = commandRule({
  id: 'DL3019',
  programs: ['apk'],
  severity: 'information',
  title: 'apk keeps no index in the image: it is called with --no-cache',
  checkCommand(command, run) {
    if (!calls(command, ['apk'], ['add']) || hasFlag(command, 'no-cache')) return [];
    if (['/var/cache/apk', '/etc/apk/cache'].some((folder) => mountsAt(run, folder))) return [];
    return [
      {
        span: command.program.span,
        message: 'the package index stays in the layer: add --no-cache',
        fixes: insertFlag(command, ['add'], '--no-cache'),
      },
    ];
  },
});

const pipNoCache: DockerfileRule = {
  id: 'DL3042',
  severity: 'warning',
  title: 'pip keeps no downloads in the image: it is called with --no-cache-dir',
  *check(document) {
    let withoutCache: ReadonlySet<Stage> | undefined;
    for (const { part, instruction, commands } of document.runs) {
      const problems = commands.flatMap(pipProblem);
      if (problems.length === 0) continue;
      withoutCache ??= stagesWithoutPipCache(document);
      if (part.stage !== undefined && withoutCache.has(part.stage)) continue;
      if (part.stage === undefined && part.instructions.some((one) => switchesPipCacheOff(document, one))) continue;
      if (mountsAt(instruction, '/root/.cache/pip') || NO_PIP_CACHE.test(instruction.joined.text)) continue;
      yield* problems;
    }
  },
};

const NO_PIP_CACHE = /\bPIP_NO_CACHE_DIR=["']?(?:1|on|yes|true)\b/i;

function switchesPipCacheOff({ properties }: DockerfileDocument, instruction: Instruction): boolean {
  if (instruction.keyword !== 'ENV') return false;
  return properties(instruction).some(({ name, value }) => NO_PIP_CACHE.test(`${name}=${value}`));
}

/** By an ENV of their own or of a stage below. */
function stagesWithoutPipCache(document: DockerfileDocument): ReadonlySet<Stage> {
  const found = new Set<Stage>();
  for (const stage of document.stages) {
    const inherits = stage.base !== undefined && found.has(stage.base);
    if (inherits || stage.instructions.some((one) => switchesPipCacheOff(document, one))) found.add(stage);
  }
  return found;
}

function pipProblem(command: Command): Problem[] {
  const pip = pipOf(command);
  if (pip === undefined || !calls(pip, [pip.program.text], ['install']) || hasFlag(pip, 'no-cache-dir')) return [];
  const message = 'downloads stay in the layer: add --no-cache-dir, or use a cache mount on /root/.cache/pip';
  return [{ span: pip.program.span, message, fixes: insertFlag(pip, ['install'], '--no-cache-dir') }];
}

const aptGet = commandRule({
  id: 'DL3027',
  programs: ['apt'],
  severity: 'warning',
  title: 'Scripts use apt-get or apt-cache: apt is for people at a terminal',
  checkCommand({ program, args }) {
    if (program.text !== 'apt') return [];
    const isSame = ['update', 'install', 'upgrade', 'remove', 'purge', 'autoremove', 'clean'].includes(
      args.find(({ text }) => !text.startsWith('-'))?.text ?? '',
    );
    const fixes: Fix[] = isSame
      ? [{ title: 'Change to apt-get', edits: [{ span: program.span, text: 'apt-get' }] }]
      : [];
    return [
      {
        span: program.span,
        message: 'the interface of apt changes without notice: use apt-get or apt-cache',
        fixes,
      },
    ];
  },
});

const noDistUpgrade = commandRule({
  id: 'DL3035',
  programs: ['zypper'],
  severity: 'warning',
  title: 'A build does not upgrade the whole distribution',
  checkCommand(command) {
    if (!calls(command, ['zypper'], ['dist-upgrade', 'dup'])) return [];
    return [
      {
        span: command.program.span,
        message: 'zypper dist-upgrade changes everything at once: use a newer base image',
      },
    ];
  },
});

/** `-qq`, `-q -q` and `-q=2` mean yes to everything. */
function isVeryQuiet({ args }: Command): boolean {
  let level = 0;
  for (const { text } of args) {
    if (text === '--quiet') level++;
    else if (/^-[^-=]+$/.test(text)) level += text.split('q').length - 1;
    else if (/^(?:-q|--quiet)=/.test(text)) level += Number(text.split('=')[1]);
  }
  return level >= 2;
}

export const PACKAGE_MANAGERS: readonly DockerfileRule[] = [
  ...[
    {
      id: 'DL3014',
      programs: ['apt-get'],
      subcommands: ['install'],
      isUnasked: (command: Command) => hasFlag(command, 'y', 'yes', 'assume-yes') || isVeryQuiet(command),
    },
    {
      id: 'DL3030',
      programs: ['yum'],
      subcommands: ['install', 'groupinstall', 'localinstall'],
      isUnasked: (command: Command) => hasFlag(command, 'y', 'assumeyes'),
    },
    {
      id: 'DL3038',
      programs: DNF,
      subcommands: ['install', 'groupinstall', 'localinstall'],
      isUnasked: (command: Command) => hasFlag(command, 'y', 'assumeyes'),
    },
    {
      id: 'DL3034',
      programs: ['zypper'],
      subcommands: ['install', 'in', 'remove', 'rm', 'source-install', 'si', 'patch'],
      isUnasked: (command: Command) => hasFlag(command, 'n', 'non-interactive', 'no-confirm', 'y'),
    },
  ].map(unaskedRule),
  noRecommends,
  apkNoCache,
  pipNoCache,
  aptGet,
  noDistUpgrade,
  ...LEFTOVERS.map(leftoversRule),
];
