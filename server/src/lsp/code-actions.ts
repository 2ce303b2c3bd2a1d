/** Quick fixes of single findings, all safe ones at once, and switching a rule off: on the spot, in the file, in settings. */
import { append } from '#model/text/append.ts';
import type { TextEdit as OwnEdit } from '#model/text/edit.ts';
import { CodeActionKind, type CodeAction, type CodeActionParams, type Diagnostic } from 'vscode-languageserver/node';
import { compatibleEdits } from '../rules/compatible-fixes.ts';
import type { Finding } from '#model/rules/rule.ts';
import { FIX_ALL } from './capabilities.ts';
import { toDiagnostic, toEdit } from './convert.ts';
import type { OpenDocument } from './open-documents.ts';

/** The client's command that sets a rule's severity to `off`: arguments are the document's URI and the rule. */
const TURN_RULE_OFF = 'slipway.turnRuleOff';

export function codeActions(
  open: OpenDocument,
  findings: readonly Finding[],
  { range, context }: CodeActionParams,
  { rulePages, commands }: { readonly rulePages: string; readonly commands: ReadonlySet<string> },
): CodeAction[] {
  const { positions } = open;
  const start = positions.offsetAt(range.start);
  const end = positions.offsetAt(range.end);
  const wants = (kind: string): boolean =>
    context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
  const actions: CodeAction[] = [];
  if (wants(CodeActionKind.QuickFix)) {
    const here = findings.filter(({ span }) => span.start <= end && span.end >= start);
    for (const finding of here)
      append(actions, actionsFor(open, finding, findings, toDiagnostic(positions, finding, rulePages)));
    // One of each for each rule, however often it is broken here.
    for (const finding of new Map(here.map((one) => [one.rule, one])).values()) {
      append(actions, suppressions(open, finding, toDiagnostic(positions, finding, rulePages), commands));
    }
  }
  const safe = findings.flatMap(({ fixes }) => fixes?.find((fix) => fix.safe === true) ?? []);
  if (wants(FIX_ALL) && safe.length > 0) {
    actions.push({
      title: 'Fix all that can be fixed safely',
      kind: FIX_ALL,
      edit: editOf(open, compatibleEdits(safe)),
    });
  }
  return actions;
}

const fixOfRule = (rule: string): string => `Fix all ${rule} problems`;

/** Is this the title of the action that fixes all problems of one rule? */
export function isFixOfRule(title: string): boolean {
  return title === fixOfRule(title.slice('Fix all '.length, -' problems'.length));
}

function actionsFor(
  open: OpenDocument,
  finding: Finding,
  all: readonly Finding[],
  diagnostic: Diagnostic,
): CodeAction[] {
  const actions = (finding.fixes ?? []).map((fix, i) => ({
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic],
    isPreferred: i === 0,
    edit: editOf(open, fix.edits),
  }));
  const same = all.filter(({ rule }) => rule === finding.rule).flatMap(({ fixes }) => fixes?.[0] ?? []);
  if (same.length < 2 || finding.fixes?.[0] === undefined) return actions;
  const title = fixOfRule(finding.rule);
  const edit = editOf(open, compatibleEdits(same));
  return [...actions, { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], isPreferred: false, edit }];
}

function suppressions(
  open: OpenDocument,
  finding: Finding,
  diagnostic: Diagnostic,
  commands: ReadonlySet<string>,
): CodeAction[] {
  const { language, document, source } = open;
  const { rule } = finding;
  const common = { kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] };
  const actions: CodeAction[] = [];
  const here = language.suppress?.(document, finding);
  if (here !== undefined) actions.push({ title: `Ignore ${rule} here`, ...common, edit: editOf(open, [here]) });
  const inFile = language.suppressInFile?.(document, finding);
  if (inFile !== undefined) {
    actions.push({ title: `Ignore ${rule} in this file`, ...common, edit: editOf(open, [inFile]) });
  }
  if (commands.has(TURN_RULE_OFF)) {
    const title = `Turn off ${rule} in settings`;
    actions.push({ title, ...common, command: { title, command: TURN_RULE_OFF, arguments: [source.uri, rule] } });
  }
  return actions;
}

function editOf(open: OpenDocument, edits: readonly OwnEdit[]): NonNullable<CodeAction['edit']> {
  return { changes: { [open.source.uri]: edits.map((edit) => toEdit(open.positions, edit)) } };
}
