/** From the server's own shapes to the protocol's. */
import type { LineIndex } from '#model/text/line-index.ts';
import type { TextEdit as OwnEdit } from '#model/text/edit.ts';
import type { Span } from '#model/text/span.ts';
import {
  CompletionItemKind,
  DiagnosticSeverity,
  DiagnosticTag,
  InsertTextFormat,
  MarkupKind,
  SymbolKind,
  type CompletionItem,
  type Diagnostic,
  type DocumentSymbol,
  type Range,
  type TextEdit,
} from 'vscode-languageserver/node';
import type {
  Completion,
  CompletionKind,
  DocumentSymbol as OwnSymbol,
  SymbolKind as OwnSymbolKind,
} from '../language.ts';
import type { Finding, Severity } from '../rules/rule.ts';

export function toRange(lines: LineIndex, span: Span): Range {
  return { start: lines.positionAt(span.start), end: lines.positionAt(span.end) };
}

export function toEdit(lines: LineIndex, edit: OwnEdit): TextEdit {
  return { range: toRange(lines, edit.span), newText: edit.text };
}

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};
const TAGS = { unnecessary: DiagnosticTag.Unnecessary, deprecated: DiagnosticTag.Deprecated } as const;

export function toDiagnostic(lines: LineIndex, finding: Finding, rulePages: string): Diagnostic {
  return {
    range: toRange(lines, finding.span),
    severity: SEVERITIES[finding.severity],
    code: finding.rule,
    codeDescription: { href: `${rulePages}${finding.rule}.md` },
    source: 'slipway',
    message: finding.message,
    ...(finding.tag === undefined ? {} : { tags: [TAGS[finding.tag]] }),
  };
}

const COMPLETION_KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  property: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  variable: CompletionItemKind.Variable,
  stage: CompletionItemKind.Class,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
  reference: CompletionItemKind.Reference,
  snippet: CompletionItemKind.Snippet,
};

export function toCompletion(lines: LineIndex, completion: Completion): CompletionItem {
  const { label, kind, detail, documentation, span, text, snippet, rank, continues } = completion;
  return {
    label,
    kind: COMPLETION_KINDS[kind],
    textEdit: { range: toRange(lines, span), newText: text },
    sortText: `${String(rank ?? 0).padStart(3, '0')}${label}`,
    ...(detail === undefined ? {} : { detail }),
    ...(documentation === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
    ...(snippet === true ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
    ...(continues === true ? { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } } : {}),
  };
}

const SYMBOL_KINDS: Readonly<Record<OwnSymbolKind, SymbolKind>> = {
  stage: SymbolKind.Class,
  instruction: SymbolKind.Function,
  variable: SymbolKind.Variable,
  section: SymbolKind.Namespace,
  service: SymbolKind.Class,
  object: SymbolKind.Struct,
  key: SymbolKind.Property,
};

export function toSymbol(lines: LineIndex, symbol: OwnSymbol): DocumentSymbol {
  return {
    name: symbol.name === '' ? '(unnamed)' : symbol.name,
    detail: symbol.detail,
    kind: SYMBOL_KINDS[symbol.kind],
    range: toRange(lines, symbol.span),
    selectionRange: toRange(lines, symbol.nameSpan),
    children: symbol.children.map((child) => toSymbol(lines, child)),
  };
}
