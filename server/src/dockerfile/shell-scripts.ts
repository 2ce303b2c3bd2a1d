/** The scripts in a Dockerfile: commands in shell form and heredocs of RUN, each with the shell that runs it. */
import { sourceOffset } from '#model/dockerfile/syntax/joined-text.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import { lastStarting } from '#model/text/sorted.ts';
import type { Span } from '#model/text/span.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { ShellDialect, ShellScript } from '../language.ts';
import { type DockerfileDocument, stageOf } from './document.ts';
import { PREDEFINED_ARGS } from '#model/dockerfile/predefined-args.ts';
import { definitionsBefore } from '#model/dockerfile/variables.ts';

const COMMANDS: ReadonlySet<string> = new Set(['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK']);

/** Those for shells that ShellCheck knows; commands in JSON form have none. */
export function shellScripts(document: DockerfileDocument): ShellScript[] {
  const shellFor = shellsOf(document);
  return document.instructions.flatMap((outer) => {
    const instruction = outer.trigger ?? outer;
    if (!COMMANDS.has(instruction.keyword) || instruction.json !== undefined) return [];
    const shell = shellFor(outer);
    const isRun = instruction.keyword === 'RUN';
    const defined = definitionsBefore(document.variables, outer, stageOf(document, outer)).keys();
    const variables = [...defined, ...PREDEFINED_ARGS];
    const scripts =
      outer.heredocs.length > 0 ? heredocScripts(document, outer, shell) : [lineScript(instruction, shell)];
    return scripts.flatMap((script) =>
      script === undefined || script.text.trim() === ''
        ? []
        : [{ ...script, variables: isRun ? variables : [...variables, ...namesIn(script.text)] }],
    );
  });
}

/** What runs in the container may be given any variable when it is started. */
function namesIn(script: string): string[] {
  return [...script.matchAll(/\$\{?([A-Za-z_]\w*)/g)].flatMap(([, name]) => name ?? []);
}

type Script = Omit<ShellScript, 'variables'>;

/** The words of the instruction as one line: what stands between continued lines is not in it. */
function lineScript(
  { joined, bodyStart, bodyEnd, keyword }: Instruction,
  dialect: ShellDialect | undefined,
): Script | undefined {
  if (dialect === undefined) return undefined;
  const body = joined.text.slice(bodyStart, bodyEnd);
  const command = keyword === 'HEALTHCHECK' ? /^CMD\s+/i.exec(body)?.[0].length : 0;
  if (command === undefined || body.startsWith('[')) return undefined;
  return {
    text: body.slice(command),
    dialect,
    sourceAt: (offset) => sourceOffset(joined, bodyStart + command + offset),
  };
}

/** `RUN <<EOF` is a script, `RUN bash <<EOF` one for that shell; of others the heredoc is data, or another language. */
function heredocScripts(
  { text }: DockerfileDocument,
  { joined, bodyStart, bodyEnd, heredocs, keyword }: Instruction,
  shell: ShellDialect | undefined,
): (Script | undefined)[] {
  const [heredoc] = heredocs;
  const before = /^(?:\S*\/)?(\w*)\s*<<(?:-|\s*)['"]?[\w.-]+['"]?\s*$/.exec(
    joined.text.slice(bodyStart, bodyEnd).trim(),
  );
  if (heredoc === undefined || before === null || heredocs.length > 1 || keyword !== 'RUN') return [];
  const { start, end } = heredoc.content;
  const content = text.slice(start, end);
  const shebang = /^#!.*?(?:\/|\s)(\w+)(?:\s+-\S+)*\s*$/m.exec(
    content.startsWith('#!') ? (content.split('\n')[0] ?? '') : '',
  );
  const named = before[1] === '' ? shebang?.[1] : before[1];
  if (content.startsWith('#!') && shebang === null) return [];
  const dialect = named === undefined ? shell : dialectOf(named);
  if (dialect === undefined) return [];
  // BuildKit takes the tabs away: they mean nothing to the shell either.
  return [{ text: content.replaceAll('\r', ' '), dialect, sourceAt: (offset) => start + offset }];
}

/** By the last SHELL above it in its stage, or hadolint's pragma; a Windows base has no such shell. */
function shellsOf(document: DockerfileDocument): (instruction: Instruction) => ShellDialect | undefined {
  const shells = document.instructions.filter(({ keyword }) => keyword === 'SHELL');
  const pragmas = document.tree.comments.filter(({ text }) => /^hadolint\s+shell\s*=/.test(text));
  const lastAbove = <T extends { readonly span: Span }>(items: readonly T[], { span }: Instruction): T | undefined =>
    items[lastStarting(items, span.start - 1, (item) => item.span.start)];
  return (instruction) => {
    const stage = stageOf(document, instruction);
    const shell = lastAbove(shells, instruction);
    // A piece of a Dockerfile may have no FROM.
    const isOfStage = shell !== undefined && shell.span.start >= (stage?.from.span.start ?? 0);
    if (isOfStage) return dialectOf(shell.json?.items[0]?.text ?? '');
    const pragma = lastAbove(pragmas, instruction);
    return pragma === undefined ? ofBase(stage) : dialectOf(pragma.text.replace(/^.*=\s*/, ''));
  };
}

function ofBase(stage: Stage | undefined): ShellDialect | undefined {
  return /windows|nanoserver|servercore/i.test(stage?.image?.text ?? '') ? undefined : 'sh';
}

function dialectOf(program: string): ShellDialect | undefined {
  switch (program.replace(/^.*[\\/]/, '').trim()) {
    case 'sh':
      return 'sh';
    case 'ash':
    case 'dash':
      return 'dash';
    case 'bash':
      return 'bash';
    case 'ksh':
      return 'ksh';
    default:
      return undefined;
  }
}
