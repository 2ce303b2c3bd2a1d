/** The programs that the RUN instructions of a Dockerfile start. */
import { sourceSpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import { mountFields } from './mount-fields.ts';
import type { Part } from '#model/dockerfile/parts.ts';
import { readShell, type ShellCommand } from './shell.ts';
import type { TextFacts } from './text-facts.ts';

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

export function runSteps(
  parts: readonly Part[],
  text: string,
  factsOf: (instruction: Instruction) => TextFacts,
): RunStep[] {
  return parts.flatMap((part) =>
    part.instructions
      .filter(({ keyword }) => keyword === 'RUN')
      .map((instruction) => ({ part, instruction, commands: commandsOf(instruction, text, factsOf(instruction)) })),
  );
}

/**
 * What the instruction starts: RUN, CMD, ENTRYPOINT and HEALTHCHECK, in shell form, JSON form or by a heredoc.
 * @param facts where its scripts are kept once they are read
 */
export function commandsOf(instruction: Instruction, text: string, facts: TextFacts): readonly Command[] {
  const known = COMMANDS.get(instruction);
  if (known !== undefined) return known;
  const commands = readCommands(instruction, text, facts);
  COMMANDS.set(instruction, commands);
  return commands;
}

/** Instructions above a change are the same objects in the next version of the text. */
const COMMANDS = new WeakMap<Instruction, readonly Command[]>();

function readCommands(instruction: Instruction, text: string, facts: TextFacts): Command[] {
  const { joined, json, heredocs } = instruction;
  if (json !== undefined) {
    const [program, ...args] = json.items;
    return program === undefined ? [] : [{ program, args, piped: false, pipes: false, subshell: false }];
  }
  const { line, heredoc } = (facts.shell ??= readScripts(instruction, text));
  const base = heredocs[0]?.content.start ?? 0;
  return [
    ...line.flatMap((command) => toCommand(command, (start, end) => sourceSpan(joined, start, end))),
    ...heredoc.flatMap((command) => toCommand(command, (start, end) => spanOf(base + start, base + end))),
  ];
}

/** The line, or the heredoc where that is the script: `RUN <<EOF`, `RUN bash <<EOF`. */
function readScripts(
  { joined, bodyStart, bodyEnd, heredocs, keyword }: Instruction,
  text: string,
): { readonly line: readonly ShellCommand[]; readonly heredoc: readonly ShellCommand[] } {
  const body = joined.text.slice(bodyStart, bodyEnd);
  const command = keyword === 'HEALTHCHECK' ? (/^CMD\s+/i.exec(body)?.[0].length ?? body.length) : 0;
  const line = readShell(joined.text, bodyStart + command, bodyEnd);
  const [heredoc] = heredocs;
  if (heredoc === undefined) return { line, heredoc: [] };
  const content = text.slice(heredoc.content.start, heredoc.content.end);
  const isScript = line.length === 0 || (line.length === 1 && SHELLS.has(line[0]?.words[0]?.text ?? ''));
  const hasShebang = content.startsWith('#!') && !/^#!.*\b(?:ba|da|a|z|k)?sh\b/.test(content.slice(0, 80));
  return isScript && !hasShebang ? { line: [], heredoc: readShell(content) } : { line, heredoc: [] };
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

/** Has the RUN a cache mount or a tmpfs with one of these in its path? */
export function mountsLike(instruction: Instruction, parts: readonly string[]): boolean {
  return mountTargets(instruction).some((target) => parts.some((part) => target.includes(part)));
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
