/** Programs that are used in ways that do not suit a build. */
import { type Command, hasFlag, operands } from '../../dockerfile/commands.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import type { Problem, Severity } from '../rule.ts';

/** A rule that looks at every program that is run, one after the other. */
function commandRule(
  id: string,
  severity: Severity,
  title: string,
  check: (command: Command) => (Omit<Problem, 'span'> & { readonly span?: Problem['span'] }) | undefined,
): DockerfileRule {
  return {
    id,
    severity,
    title,
    *check({ commands }) {
      for (const command of commands) {
        const problem = check(command);
        if (problem !== undefined) yield { span: command.program.span, ...problem };
      }
    },
  };
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

const useless = commandRule(
  'DL3001',
  'information',
  'A build runs no programs that manage a running machine',
  ({ program }) =>
    USELESS.has(program.text)
      ? { message: `'${program.text}' makes no sense in a build: what it does is gone when the layer is done` }
      : undefined,
);

const cd = commandRule(
  'DL3003',
  'warning',
  'The working directory is changed with WORKDIR, not with cd',
  ({ program, subshell }) =>
    program.text === 'cd' && !subshell
      ? { message: 'cd is forgotten with the next instruction: use WORKDIR' }
      : undefined,
);

const sudo = commandRule('DL3004', 'error', 'sudo is not used: USER changes the user', ({ program, args }) => {
  if (program.text !== 'sudo') return undefined;
  const [next] = args;
  const isPlain = next !== undefined && !next.text.startsWith('-');
  const removed = { start: program.span.start, end: next?.span.start ?? program.span.end };
  return {
    message: 'sudo behaves unexpectedly in builds: they run as root unless USER says otherwise',
    fixes: isPlain ? [{ title: 'Remove sudo', edits: [{ span: removed, text: '' }] }] : [],
  };
});

const MOST_DIGITS = 5;

const useradd = commandRule(
  'DL3046',
  'warning',
  'useradd with a high user id is called with --no-log-init',
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

const wget = commandRule(
  'DL3047',
  'information',
  'wget does not fill the build’s output with its progress',
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

const shellLink = commandRule(
  'DL4005',
  'warning',
  'The default shell is changed with SHELL, not by a link',
  ({ program, args }) =>
    program.text === 'ln' && args.at(-1)?.text === '/bin/sh'
      ? { message: 'replacing /bin/sh changes it for everything in the image: use SHELL' }
      : undefined,
);

const wgetAndCurl: DockerfileRule = {
  id: 'DL4001',
  severity: 'warning',
  title: 'An image uses wget or curl, not both',
  *check({ runs, stages }) {
    for (const stage of stages) {
      const own = runs.filter((step) => step.stage === stage).flatMap(({ commands }) => commands);
      const first = own.find(({ program }) => ['wget', 'curl'].includes(program.text))?.program.text;
      const second = own.find(({ program }) => ['wget', 'curl'].includes(program.text) && program.text !== first);
      if (first === undefined || second === undefined) continue;
      yield { span: second.program.span, message: `'${first}' is used already: one of wget and curl is enough` };
    }
  },
};

const consecutiveRuns: DockerfileRule = {
  id: 'DL3059',
  severity: 'information',
  title: 'RUN instructions right behind each other are one',
  *check({ stages }) {
    for (const { instructions } of stages) {
      for (let i = 1; i < instructions.length; i++) {
        const [before, instruction] = [instructions[i - 1], instructions[i]];
        if (before?.keyword !== 'RUN' || instruction?.keyword !== 'RUN') continue;
        const flags = (one: typeof before): string => one.flags.map(({ name, value }) => `${name}=${value}`).join(' ');
        if (flags(before) !== flags(instruction) || before.heredocs.length + instruction.heredocs.length > 0) continue;
        yield { span: instruction.nameSpan, message: 'one RUN for both makes one layer: join them with &&' };
      }
    }
  },
};

const pipefail: DockerfileRule = {
  id: 'DL4006',
  severity: 'warning',
  title: 'A pipe fails when any of its commands fails: pipefail is set',
  *check(document) {
    const shells = new Map(
      document.stages.map((stage) => [stage, stage.instructions.filter(({ keyword }) => keyword === 'SHELL')]),
    );
    for (const { stage, instruction, commands } of document.runs) {
      const pipe = commands.find(({ pipes }) => pipes);
      if (pipe === undefined || instruction.json !== undefined || isSafeAt(shells, stage, instruction)) continue;
      if (commands.some(({ program, args }) => program.text === 'set' && args.some(({ text }) => text === 'pipefail')))
        continue;
      const at = { start: instruction.span.start, end: instruction.span.start };
      const shell = 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\n';
      yield {
        span: pipe.program.span,
        message: `when '${pipe.program.text}' fails the build goes on: set -o pipefail before the pipe`,
        fixes: [{ title: 'Set pipefail with SHELL', edits: [{ span: at, text: shell }] }],
      };
    }
  },
};

/** By the last SHELL before the instruction, in its stage or in those below. */
function isSafeAt(
  shells: ReadonlyMap<Stage, readonly Instruction[]>,
  stage: Stage,
  instruction: Instruction | undefined,
): boolean {
  const before = shells
    .get(stage)
    ?.findLast(({ span }) => instruction === undefined || span.start < instruction.span.start);
  if (before !== undefined) return isSafeShell(before.joined.text);
  return stage.base !== undefined && isSafeAt(shells, stage.base, undefined);
}

/** With pipefail, or a shell that knows no such thing. */
function isSafeShell(text: string): boolean {
  return /pipefail|pwsh|powershell|cmd(?:\.exe)?"/i.test(text);
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
