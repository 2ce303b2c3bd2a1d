/** What BuildKit says of a Dockerfile while it builds it: its checks, in its words, at its places. */
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { Span } from '#model/text/span.ts';
import { BUILDKIT_RULES } from './buildkit/buildkit-rules.ts';
import { CHECKED_WHILE_READING } from './buildkit/checked-while-reading.ts';
import { checkDirectiveError, checksAreErrors, experimentalChecks, skippedChecks } from './check-directive.ts';
import type { CheckedDockerfile } from './checked-dockerfile.ts';

export interface BuildWarning {
  readonly rule: string;
  /** One sentence that says what the rule asks for. */
  readonly title: string;
  readonly message: string;
  readonly url: string;
  /** The whole instruction. */
  readonly span: Span;
  /** Where it starts, and its last; from 1. */
  readonly line: number;
  readonly lastLine: number;
}

export interface BuildWarnings {
  /** In the order of the file. */
  readonly warnings: readonly BuildWarning[];
  /** Why the build fails, where the file says that warnings are errors. */
  readonly error: string | undefined;
}

/** Reported only where the file asks for them. */
const EXPERIMENTAL: ReadonlySet<string> = new Set(['CopyIgnoredFile', 'InvalidDefinitionDescription']);

/** @param isBuilt by the index of a stage; of others only what strikes while reading is said */
export function buildWarnings(document: CheckedDockerfile, isBuilt: (stage: number) => boolean): BuildWarnings {
  const wrong = checkDirectiveError(document.tree);
  if (wrong !== undefined) return { warnings: [], error: wrong };
  const [skipped, wanted] = [skippedChecks(document.tree), experimentalChecks(document.tree)];
  const isOn = (id: string): boolean =>
    !skipped.includes(id) &&
    !skipped.includes('all') &&
    (!EXPERIMENTAL.has(id) || wanted.includes(id) || wanted.includes('all'));
  const warnings: BuildWarning[] = [];
  for (const rule of BUILDKIT_RULES) {
    if (!isOn(rule.id)) continue;
    for (const { span, message } of rule.check(document)) {
      const instruction = instructionOf(document, span);
      if (!CHECKED_WHILE_READING.has(rule.id) && !isNeeded(document, instruction, isBuilt)) continue;
      const place = instruction?.span ?? span;
      const lastLine = document.lines.lineAt(Math.max(place.start, place.end - 1)) + 1;
      // BuildKit's reader has come to the end of the instruction when it knows.
      const line = rule.id === 'NoEmptyContinuation' ? lastLine : document.lines.lineAt(place.start) + 1;
      const { id, title } = rule;
      // It tells an instruction once that it has empty lines.
      if (rule.id === 'NoEmptyContinuation' && warnings.some((one) => one.rule === id && one.line === line)) continue;
      warnings.push({ rule: id, title, message, url: pageOf(id), span: place, line, lastLine });
    }
  }
  warnings.sort((a, b) => a.line - b.line);
  const rules = [...new Set(warnings.map(({ rule }) => rule))].join(', ');
  const fails = warnings.length > 0 && checksAreErrors(document.tree);
  return { warnings, error: fails ? `lint violation found for rules: ${rules}` : undefined };
}

/** The one that the place is in, or that the comment at the place is about. */
function instructionOf({ instructions }: CheckedDockerfile, { start }: Span): Instruction | undefined {
  return instructions.find(({ span }) => span.end > start);
}

function isNeeded(
  { stages }: CheckedDockerfile,
  instruction: Instruction | undefined,
  isBuilt: (stage: number) => boolean,
): boolean {
  if (instruction === undefined) return true;
  const stage = stages.findLast(({ from }) => from.span.start <= instruction.span.start);
  return stage === undefined || instruction === stage.from || isBuilt(stage.index);
}

function pageOf(id: string): string {
  const name = id.replaceAll(/([a-z])([A-Z])|([A-Z]+)([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase();
  return `https://docs.docker.com/go/dockerfile/rule/${name}/`;
}

/** As `docker build` says it at the end. @param advice how to see more */
export function warningsText(warnings: readonly BuildWarning[], advice: string): string {
  if (warnings.length === 0) return '';
  const count = `${warnings.length} warning${warnings.length === 1 ? '' : 's'}`;
  const lines = warnings.map(({ rule, message, line }) => ` - ${rule}: ${message} (line ${line})\n`);
  return `\n ${count} found (${advice}):\n${lines.join('')}`;
}
