/** Quick fixes of single findings, all safe ones at once, and switching a rule off on the spot. */
import type { TextEdit as OwnEdit } from '#model/text/edit.ts';
import { CodeActionKind, type CodeAction, type CodeActionParams, type Diagnostic } from 'vscode-languageserver/node';
import { compatibleEdits } from '../rules/compatible-fixes.ts';
import type { Finding } from '../rules/rule.ts';
import { FIX_ALL } from './capabilities.ts';
import { toDiagnostic, toEdit } from './convert.ts';
import type { OpenDocument } from './open-documents.ts';

export function codeActions(
  open: OpenDocument,
  findings: readonly Finding[],
  { range, context }: CodeActionParams,
  rulePages: string,
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
      actions.push(...actionsFor(open, finding, findings, toDiagnostic(positions, finding, rulePages)));
    actions.push(...suppressions(open, here, rulePages));
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
  const title = `Fix all ${finding.rule} problems`;
  const edit = editOf(open, compatibleEdits(same));
  return [...actions, { title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], isPreferred: false, edit }];
}

/** One for each rule, however often it is broken here. */
function suppressions(open: OpenDocument, findings: readonly Finding[], rulePages: string): CodeAction[] {
  const { language, document, positions } = open;
  const byRule = new Map(findings.map((finding) => [finding.rule, finding]));
  if (language.suppress === undefined) return [];
  return [...byRule.values()].map((finding) => ({
    title: `Ignore ${finding.rule} here`,
    kind: CodeActionKind.QuickFix,
    diagnostics: [toDiagnostic(positions, finding, rulePages)],
    edit: editOf(open, language.suppress === undefined ? [] : [language.suppress(document, finding)]),
  }));
}

function editOf(open: OpenDocument, edits: readonly OwnEdit[]): NonNullable<CodeAction['edit']> {
  return { changes: { [open.source.uri]: edits.map((edit) => toEdit(open.positions, edit)) } };
}
