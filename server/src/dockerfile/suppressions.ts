/**
 * Rules that a Dockerfile switches off itself:
 *   `# check=skip=A,B` (or `all`) at the top, as BuildKit knows it, for the whole file;
 *   `# hadolint ignore=A,B` and `# slipway ignore=A,B` above an instruction, for that instruction;
 *   `# dockerfile-utils: ignore` above an instruction, for what that tool checks there;
 *   `# hadolint stage ignore=A` and `# slipway stage ignore=A` right above a FROM, for the stage that starts there;
 *   `# hadolint global ignore=A` and `# slipway global ignore=A` anywhere, for the whole file.
 * Behind a pragma's list and another # stands what is for people.
 */
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { TextEdit } from '#model/text/edit.ts';
import { lastStarting } from '#model/text/sorted.ts';
import { type Span, spanOf, textOf } from '#model/text/span.ts';
import type { IsSuppressed } from '../lint/run-rules.ts';
import { experimentalChecks, skippedChecks } from '#model/rules/check-directive.ts';
import type { Rule } from '#model/rules/rule.ts';
import { type DockerfileDocument, instructionAt } from './document.ts';

/** dockerfile-utils': all its checks, at the next instruction. */
const IGNORE_SYNTAX = /^dockerfile-utils:\s*ignore\b/;
const PRAGMA = /^(?:hadolint|slipway)\s+(?:(global|stage)\s+)?ignore\s*=\s*([^#]*)/;

interface Local {
  readonly names: ReadonlySet<string> | 'syntax';
  readonly span: Span;
}

export function suppressionsOf(document: DockerfileDocument): IsSuppressed {
  const global = new Set<string>();
  const skipped = new Set(skippedChecks(document.tree));
  const experimental = experimentalChecks(document.tree);
  const locals: Local[] = [];
  const here = ({ start, end }: Span): Span =>
    spanOf(start, nextInstruction(document, { start, end })?.span.end ?? end);
  for (const { text, span } of document.tree.comments) {
    if (IGNORE_SYNTAX.test(text)) {
      locals.push({ names: 'syntax', span: here(span) });
      continue;
    }
    const [pragma, reach, list] = PRAGMA.exec(text) ?? [];
    if (pragma === undefined || (text.startsWith('hadolint') && !isHadolintList(document, list ?? ''))) continue;
    const names = namesOf(list ?? '');
    if (reach === 'global') for (const name of names) global.add(name);
    else locals.push({ names: new Set(names), span: reach === 'stage' ? stageBelow(document, span) : here(span) });
  }
  const all = skipped.has('all') || global.has('all');
  const around = localsAround(locals);
  if (global.size === 0 && skipped.size === 0 && locals.length === 0) return () => false;
  return (rule, names, span) => {
    if (names.some((name) => global.has(name))) return true;
    // What BuildKit calls experimental is asked for by name, and skip= says nothing about it.
    const isAskedFor = rule.off === true && experimental.some((name) => name === 'all' || name === rule.id);
    if (!isAskedFor && names.some((name) => skipped.has(name))) return true;
    if (!isAskedFor && all && rule.severity !== 'error') return true;
    return around(span).some((local) => speaksOf(local, rule, names));
  };
}

/** Those that hold the place, without looking at all of them. */
function localsAround(locals: readonly Local[]): (place: Span) => Local[] {
  const sorted = locals.toSorted((a, b) => a.span.start - b.span.start);
  /** The furthest end of all up to this one. */
  const ends: number[] = [];
  for (const { span } of sorted) ends.push(Math.max(span.end, ends.at(-1) ?? 0));
  return ({ start, end }) => {
    const found: Local[] = [];
    for (let i = lastStarting(sorted, start, ({ span }) => span.start); (ends[i] ?? -1) >= end; i--) {
      const local = sorted[i];
      if (local !== undefined && local.span.end >= end) found.push(local);
    }
    return found;
  };
}

/** Of nothing when the comment is not right above a FROM. */
function stageBelow(document: DockerfileDocument, comment: Span): Span {
  const { stages, source, text } = document;
  const index = stages.findIndex(({ from }) => from.span.start >= comment.end);
  const from = stages[index]?.from;
  if (from === undefined || source.lines.lineAt(from.span.start) !== source.lines.lineAt(comment.start) + 1)
    return comment;
  return spanOf(from.span.start, stages[index + 1]?.from.span.start ?? text.length);
}

function speaksOf({ names: own }: Local, rule: Rule<never>, names: readonly string[]): boolean {
  return own === 'syntax' ? rule.fatal === true || DOCKERFILE_UTILS.has(rule.id) : names.some((name) => own.has(name));
}

/** What dockerfile-utils checks besides what cannot be built. */
const DOCKERFILE_UTILS: ReadonlySet<string> = new Set([
  'ConsistentInstructionCasing',
  'NoEmptyContinuation',
  'MaintainerDeprecated',
  'MultipleInstructionsDisallowed',
  'DuplicateStageName',
  'WorkdirRelativePath',
  'MalformedJson',
]);

/** hadolint takes nothing but numbers of its own and of ShellCheck, and may be told not to take any. */
function isHadolintList({ hadolint }: DockerfileDocument, list: string): boolean {
  return !hadolint.ignoresPragmas && /^(?:DL|SC)\d+(?:\s*,\s*(?:DL|SC)\d+)*\s*$/.test(list);
}

function namesOf(list: string): string[] {
  return list.split(/[\s,]+/).filter((name) => name !== '');
}

function nextInstruction(document: DockerfileDocument, comment: Span): Instruction | undefined {
  const { instructions } = document;
  const index = lastStarting(instructions, comment.start, ({ span }) => span.start);
  const around = instructions[index];
  return around !== undefined && around.span.end > comment.end ? around : instructions[index + 1];
}

/** The edit that adds a pragma for the rule above the place, or the rule to the pragma that is there. */
export function suppressAt(document: DockerfileDocument, rule: string, span: Span): TextEdit | undefined {
  const { lines } = document.source;
  // Pragmas are for the instruction below them.
  if (document.instructions.length === 0) return undefined;
  const instruction = instructionAt(document, span.start);
  const start = instruction?.span.start ?? span.start;
  const line = lines.lineAt(start);
  const above = document.tree.comments.find((comment) => lines.lineAt(comment.span.start) === line - 1);
  if (above !== undefined && takes(document, above.text, rule, 'here')) {
    return insert(endOfList(document, above.span), `,${rule}`);
  }
  return insert(lines.startOf(line), `# slipway ignore=${rule}\n`);
}

/** May the rule be added to the list of this comment? */
function takes(document: DockerfileDocument, comment: string, rule: string, where: 'here' | 'file'): boolean {
  const [pragma, reach, list] = PRAGMA.exec(comment) ?? [];
  if (pragma === undefined || reach !== (where === 'file' ? 'global' : undefined)) return false;
  return comment.startsWith('slipway') || isHadolintList(document, `${list ?? ''},${rule}`);
}

/** Of the pragma in this comment: before what is said to people behind it. */
function endOfList({ text }: DockerfileDocument, comment: Span): number {
  const pragma = textOf(text, comment);
  const list = pragma.indexOf('=') + 1;
  const remark = pragma.indexOf('#', list);
  return comment.start + (remark === -1 ? pragma : pragma.slice(0, remark)).trimEnd().length;
}

function insert(at: number, text: string): TextEdit {
  return { span: spanOf(at, at), text };
}

/**
 * The edit that switches the rule off for the whole file: one that BuildKit knows in the `# check=skip=` directive, of
 * which there can be one only, so that builds are quiet about it too; others in a comment.
 * @param ofBuildKit it is one of BuildKit's checks
 */
export function suppressInFile(document: DockerfileDocument, rule: string, ofBuildKit: boolean): TextEdit {
  const edit = ofBuildKit ? skipInDirective(document, rule) : undefined;
  if (edit !== undefined) return edit;
  const there = document.tree.comments.find((comment) => takes(document, comment.text, rule, 'file'));
  if (there !== undefined) return insert(endOfList(document, there.span), `,${rule}`);
  return lineAtTop(document, `# slipway global ignore=${rule}`);
}

/** undefined where no directive can be, or where a name would undo its `all`. */
function skipInDirective(document: DockerfileDocument, rule: string): TextEdit | undefined {
  const { tree, source } = document;
  if (SHEBANG.test(source.text)) return undefined;
  const check = tree.directives.find(({ name }) => name === 'check');
  if (check === undefined) return lineAtTop(document, `# check=skip=${rule}`);
  let start = check.valueSpan.start;
  for (const option of check.value.split(';')) {
    const end = start + option.trimEnd().length;
    start += option.length + 1;
    if (!option.trim().startsWith('skip=')) continue;
    const names = namesOf(option.trim().slice('skip='.length));
    if (names.includes('all')) return undefined;
    return insert(end, names.length === 0 ? rule : `,${rule}`);
  }
  return insert(check.valueSpan.end, `;skip=${rule}`);
}

const SHEBANG = /^\uFEFF?#!/;

/** Below the directives that are there: what stands above them ends them. */
function lineAtTop({ tree, source: { text, lines } }: DockerfileDocument, line: string): TextEdit {
  const last = SHEBANG.test(text) ? 0 : tree.directives.at(-1)?.span.start;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  if (last === undefined) return insert(text.startsWith('\uFEFF') ? 1 : 0, `${line}${newline}`);
  return insert(lines.endOf(lines.lineAt(last)), `${newline}${line}`);
}
