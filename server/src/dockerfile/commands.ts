/** The programs that the RUN instructions of a Dockerfile start. */
import { sourceSpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import { mountFields } from './mount-fields.ts';
import type { Part } from './parts.ts';
import { readShell, type ShellCommand } from './shell.ts';

export interface CommandWord {
  readonly text: string;
  readonly span: Span;
}

export interface Command {
  readonly program: CommandWord;
  readonly args: readonly CommandWord[];
  readonly piped: boolean;
  readonly pipes: boolean;
  readonly subshell: boolean;
}

/** A RUN with what it runs. */
export interface RunStep {
  readonly part: Part;
  readonly instruction: Instruction;
  readonly commands: readonly Command[];
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh']);

export function runSteps(parts: readonly Part[], text: string): RunStep[] {
  return parts.flatMap((part) =>
    part.instructions
      .filter(({ keyword }) => keyword === 'RUN')
      .map((instruction) => ({ part, instruction, commands: commandsOf(instruction, text) })),
  );
}

/** What the instruction starts: RUN, CMD, ENTRYPOINT and HEALTHCHECK, in shell form, JSON form or by a heredoc. */
export function commandsOf(instruction: Instruction, text: string): Command[] {
  const { joined, bodyStart, bodyEnd, json, heredocs } = instruction;
  if (json !== undefined) {
    const [program, ...args] = json.items;
    return program === undefined ? [] : [{ program, args, piped: false, pipes: false, subshell: false }];
  }
  const body = joined.text.slice(bodyStart, bodyEnd);
  const command = instruction.keyword === 'HEALTHCHECK' ? (/^CMD\s+/i.exec(body)?.[0].length ?? body.length) : 0;
  const line = readShell(joined.text, bodyStart + command, bodyEnd).flatMap((command) =>
    toCommand(command, (start, end) => sourceSpan(joined, start, end)),
  );
  const [heredoc] = heredocs;
  if (heredoc === undefined) return line;
  // `RUN <<EOF` and `RUN bash <<EOF`: the heredoc is the script.
  const isScript = line.length === 0 || (line.length === 1 && SHELLS.has(line[0]?.program.text ?? ''));
  const hasShebang =
    text.startsWith('#!', heredoc.content.start) &&
    !/^#!.*\b(?:ba|da|a|z|k)?sh\b/.test(text.slice(heredoc.content.start, heredoc.content.start + 80));
  if (!isScript || hasShebang) return line;
  return readShell(text, heredoc.content.start, heredoc.content.end).flatMap((command) => toCommand(command, spanOf));
}

function toCommand(
  { words, piped, pipes, subshell }: ShellCommand,
  place: (start: number, end: number) => Span,
): Command[] {
  const [program, ...args] = words.map(({ text, start, end }) => ({ text, span: place(start, end) }));
  if (program === undefined) return [];
  const command = { program, args, piped, pipes, subshell };
  const inner = program.text === 'sudo' ? behindSudo(command) : undefined;
  return inner === undefined ? [command] : [command, inner];
}

/** What sudo runs. */
function behindSudo(command: Command): Command | undefined {
  const first = command.args.findIndex(({ text }) => !text.startsWith('-') && !/^\w+=/.test(text));
  const [program, ...args] = first === -1 ? [] : command.args.slice(first);
  return program === undefined ? undefined : { ...command, program, args };
}

/** Long flags by name (`-nv` and `-qq` too), short ones by letter, also several together (`-yq`). */
export function hasFlag({ args }: Command, ...names: readonly string[]): boolean {
  return args.some(({ text }) =>
    names.some((name) => {
      if (name.length > 1) return text === `--${name}` || text === `-${name}` || text.startsWith(`--${name}=`);
      return /^-[^-]/.test(text) && text.slice(1).includes(name);
    }),
  );
}

/** Arguments that are no flags, and no values of the flags that take one. */
export function operands({ args }: Command, valueFlags: ReadonlySet<string> = NO_FLAGS): CommandWord[] {
  const found: CommandWord[] = [];
  let flagsEnded = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === undefined) continue;
    if (arg.text === '--' && !flagsEnded) flagsEnded = true;
    else if (flagsEnded || !arg.text.startsWith('-') || arg.text === '-') found.push(arg);
    else if (valueFlags.has(arg.text)) i++;
  }
  return found;
}

const NO_FLAGS: ReadonlySet<string> = new Set();

/** Does the RUN keep a folder out of the layer, by a cache mount or a tmpfs on it or above it? */
export function mountsAt(instruction: Instruction, folder: string): boolean {
  return mountTargets(instruction).some((target) => folder === target || folder.startsWith(`${target}/`));
}

/** Has the RUN a cache mount or a tmpfs right on the folder? */
export function mountsOn(instruction: Instruction, folder: string): boolean {
  return mountTargets(instruction).includes(folder);
}

function mountTargets({ flags }: Instruction): string[] {
  return flags.flatMap((flag) => {
    if (flag.name !== 'mount') return [];
    const fields = mountFields(flag);
    const type = fields.find(({ key }) => key === 'type')?.value;
    const target = fields.find(({ key }) => ['target', 'dst', 'destination'].includes(key))?.value;
    return target !== undefined && (type === 'cache' || type === 'tmpfs') ? [target.replace(/(.)\/+$/, '$1')] : [];
  });
}

/** The stages whose layers end in an image: the last one, and those that others are built on. */
export function imageStages(stages: readonly Stage[]): ReadonlySet<Stage> {
  const last = stages.at(-1);
  return new Set([...(last === undefined ? [] : [last]), ...stages.flatMap(({ base }) => base ?? [])]);
}

/** Do these layers end in an image? What ONBUILD keeps always does. */
export function endsInImage({ stage, onbuild }: Part, images: ReadonlySet<Stage>): boolean {
  return onbuild || stage === undefined || images.has(stage);
}

/** Is it one of the programs, called with one of these words, wherever that stands? */
export function calls(command: Command, programs: readonly string[], words: readonly string[]): boolean {
  return programs.includes(command.program.text) && command.args.some(({ text }) => words.includes(text));
}
