/** Programs that are used in ways that do not suit a build. */
import { type Command, hasFlag, operands } from '../../dockerfile/commands.ts';
import { isPosix, programOf, shellInEffect } from '../../dockerfile/shell-in-effect.ts';
import type { Part } from '#model/dockerfile/parts.ts';
import { lastStarting } from '#model/text/sorted.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { commandRule } from '../instruction-rule.ts';
import type { Problem, Severity } from '#model/rules/rule.ts';

/** A rule with at most one problem for each program that is run. */
function programRule(
  id: string,
  severity: Severity,
  title: string,
  programs: readonly string[],
  check: (command: Command) => (Omit<Problem, 'span'> & { readonly span?: Problem['span'] }) | undefined,
): DockerfileRule {
  return commandRule({
    id,
    severity,
    title,
    programs,
    checkCommand(command) {
      const problem = check(command);
      return problem === undefined ? [] : [{ span: command.program.span, ...problem }];
    },
  });
}

const USELESS: ReadonlySet<string> = new Set([
  'free',
  'ifconfig',
  'kill',
  'mount',
  'ps',
  'service',
  'shutdown',
  'ssh',
  'top',
  'vim',
]);

const useless = programRule(
  'DL3001',
  'information',
  'A build runs no programs that manage a running machine',
  [...USELESS],
  ({ program }) =>
    USELESS.has(program.text)
      ? { message: `'${program.text}' makes no sense in a build: what it does is gone when the layer is done` }
      : undefined,
);

const cd = programRule(
  'DL3003',
  'warning',
  'The working directory is changed with WORKDIR, not with cd',
  ['cd'],
  ({ program }) =>
    program.text === 'cd' ? { message: 'cd is forgotten with the next instruction: use WORKDIR' } : undefined,
);

const sudo = programRule(
  'DL3004',
  'error',
  'sudo is not used: USER changes the user',
  ['sudo'],
  ({ program, args }) => {
    if (program.text !== 'sudo') return undefined;
    const [next] = args;
    const isPlain = next !== undefined && !next.text.startsWith('-');
    const removed = { start: program.span.start, end: next?.span.start ?? program.span.end };
    return {
      message: 'sudo behaves unexpectedly in builds: they run as root unless USER says otherwise',
      fixes: isPlain ? [{ title: 'Remove sudo', edits: [{ span: removed, text: '' }] }] : [],
    };
  },
);

const MOST_DIGITS = 5;

const useradd = programRule(
  'DL3046',
  'warning',
  'useradd with a high user id is called with --no-log-init',
  ['useradd'],
  (command) => {
    if (command.program.text !== 'useradd' || hasFlag(command, 'l', 'no-log-init')) return undefined;
    const { args } = command;
    const flag = args.findIndex(({ text }) => text === '-u' || text === '--uid');
    const uid =
      flag === -1
        ? args.find(({ text }) => text.startsWith('--uid='))?.text.slice('--uid='.length)
        : args[flag + 1]?.text;
    if (uid === undefined || !/^\d+$/.test(uid) || uid.length <= MOST_DIGITS) return undefined;
    const at = { start: command.program.span.end, end: command.program.span.end };
    const fixes = [{ title: 'Insert --no-log-init', edits: [{ span: at, text: ' --no-log-init' }] }];
    return {
      message: `with the high user id ${uid} useradd fills the layer with a huge sparse log: add --no-log-init`,
      fixes,
    };
  },
);

const QUIET = ['q', 'quiet', 'nv', 'no-verbose', 'o', 'output-file', 'a', 'append-output', 'progress'];

const wget = programRule(
  'DL3047',
  'information',
  'wget does not fill the build’s output with its progress',
  ['wget'],
  (command) => {
    if (
      command.program.text !== 'wget' ||
      hasFlag(command, ...QUIET) ||
      command.args.some(({ text }) => text === '-nv')
    )
      return undefined;
    if (hasFlag(command, 'version', 'help') || operands(command).length === 0) return undefined;
    const at = { start: command.program.span.end, end: command.program.span.end };
    const fixes = [{ title: 'Insert --progress=dot:giga', edits: [{ span: at, text: ' --progress=dot:giga' }] }];
    return { message: 'the progress bar fills the log of the build: add --progress=dot:giga, -q or -nv', fixes };
  },
);

const shellLink = programRule(
  'DL4005',
  'warning',
  'The default shell is changed with SHELL, not by a link',
  ['ln'],
  ({ program, args }) =>
    program.text === 'ln' && args.some(({ text }) => text === '/bin/sh')
      ? { message: 'replacing /bin/sh changes it for everything in the image: use SHELL' }
      : undefined,
);

const wgetAndCurl: DockerfileRule = {
  id: 'DL4001',
  severity: 'warning',
  title: 'An image uses wget or curl, not both',
  *check({ runs, programs }) {
    if (!programs.has('wget') || !programs.has('curl')) return;
    let seen: { readonly part: unknown; readonly programs: Set<string> } | undefined;
    for (const { part, commands } of runs) {
      if (seen?.part !== part) seen = { part, programs: new Set() };
      const own = commands.filter(({ program }) => program.text === 'wget' || program.text === 'curl');
      const [first] = seen.programs;
      for (const { program } of own) seen.programs.add(program.text);
      const wrong = own.find(({ program }) => program.text !== (first ?? own[0]?.program.text)) ?? own[0];
      if (wrong === undefined || seen.programs.size < 2) continue;
      const other = wrong.program.text === 'wget' ? 'curl' : 'wget';
      yield { span: wrong.program.span, message: `'${other}' is used too: one of wget and curl is enough` };
    }
  },
};

const consecutiveRuns: DockerfileRule = {
  id: 'DL3059',
  severity: 'information',
  title: 'RUN instructions right behind each other are one',
  *check({ runs }) {
    for (let i = 1; i < runs.length; i++) {
      const [first, second] = [runs[i - 1], runs[i]];
      if (first === undefined || second === undefined || first.commands.length > 1 || second.commands.length > 1)
        continue;
      const { part, instruction } = second;
      if (part.onbuild || first.instruction !== instructionAbove(part, instruction)) continue;
      if (flagsOf(first.instruction) !== flagsOf(instruction)) continue;
      if (first.instruction.heredocs.length + instruction.heredocs.length > 0) continue;
      yield { span: instruction.nameSpan, message: 'one RUN for both makes one layer: join them with &&' };
    }
  },
};

function instructionAbove({ instructions }: Part, { span }: Instruction): Instruction | undefined {
  return instructions[lastStarting(instructions, span.start - 1, (one) => one.span.start)];
}

function flagsOf({ flags }: Instruction): string {
  return flags.map(({ name, value }) => `${name}=${value}`).join(' ');
}

const pipefail: DockerfileRule = {
  id: 'DL4006',
  severity: 'warning',
  title: 'A pipe fails when any of its commands fails: pipefail is set',
  *check(document) {
    for (const { part, instruction, commands } of document.runs) {
      const pipe = commands.find(({ pipes }) => pipes);
      if (pipe === undefined || instruction.json !== undefined || hasPipefail(commands)) continue;
      if (isSafe(shellInEffect(document, part.stage, instruction.span.start))) continue;
      const at = { start: instruction.span.start, end: instruction.span.start };
      const shell = 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\n';
      yield {
        span: pipe.program.span,
        message: `when '${pipe.program.text}' fails the build goes on: set -o pipefail before the pipe`,
        fixes: part.onbuild ? [] : [{ title: 'Set pipefail with SHELL', edits: [{ span: at, text: shell }] }],
      };
    }
  },
};

function hasPipefail(commands: readonly Command[]): boolean {
  return commands.some(({ program, args }) => program.text === 'set' && args.some(({ text }) => text === 'pipefail'));
}

/** With pipefail and a shell that has it, or with one that knows no such thing. */
function isSafe(shell: readonly string[]): boolean {
  const [program = '', ...args] = shell.flatMap((word) => word.split(/\s+/));
  if (!isPosix([program])) return true;
  return /^(?:bash|zsh|ash|ksh|busybox)$/.test(programOf(program)) && args.includes('pipefail');
}

export const SHELL_HABITS: readonly DockerfileRule[] = [
  useless,
  cd,
  sudo,
  useradd,
  wget,
  consecutiveRuns,
  wgetAndCurl,
  shellLink,
  pipefail,
];
