/** From the server's own shapes to the protocol's. */
import type { TextEdit as OwnEdit } from '#model/text/edit.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import {
  DiagnosticSeverity,
  DiagnosticTag,
  SymbolKind,
  type Diagnostic,
  type DocumentSymbol,
  type Location,
  type Range,
  type TextEdit,
} from 'vscode-languageserver/node';
import type {
  DocumentSymbol as OwnSymbol,
  Location as OwnLocation,
  Source,
  SymbolKind as OwnSymbolKind,
} from '../language.ts';
import type { Finding, Severity } from '#model/rules/rule.ts';
import { createPositions, type PositionEncoding, type Positions } from './positions.ts';

type ToPosition = Pick<Positions, 'positionAt'>;

interface InText {
  readonly source: Pick<Source, 'uri' | 'text'>;
  readonly positions: Positions;
}

export function toRange(positions: ToPosition, span: Span): Range {
  return { start: positions.positionAt(span.start), end: positions.positionAt(span.end) };
}

export function toEdit(positions: ToPosition, edit: OwnEdit): TextEdit {
  return { range: toRange(positions, edit.span), newText: edit.text };
}

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};
const TAGS = { unnecessary: DiagnosticTag.Unnecessary, deprecated: DiagnosticTag.Deprecated } as const;

export function toDiagnostic(positions: ToPosition, finding: Finding, rulePages: string): Diagnostic {
  return {
    range: toRange(positions, finding.span),
    severity: SEVERITIES[finding.severity],
    code: finding.rule,
    codeDescription: { href: finding.page ?? `${rulePages}${finding.rule}.md` },
    source: 'slipway',
    message: finding.message,
    ...(finding.tag === undefined ? {} : { tags: [TAGS[finding.tag]] }),
  };
}

/** What is said of a document of language TOO_LONG. */
export function tooLong({ source: { text }, positions }: InText): Diagnostic {
  return {
    range: toRange(positions, spanOf(0, Math.max(0, text.indexOf('\n')))),
    severity: DiagnosticSeverity.Information,
    source: 'slipway',
    message: `This file is so long (${text.length.toLocaleString('en')} characters) that it is not checked while it is edited: split it, or run 'slipway lint'`,
  };
}

/** @param encoding of the client; places in the open document are found by its own index */
export function toLocation(
  { source, positions }: InText,
  { uri, text, span }: OwnLocation,
  encoding: PositionEncoding,
): Location {
  const isHere = uri === source.uri && text === source.text;
  return { uri, range: toRange(isHere ? positions : createPositions(text, encoding), span) };
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

export function toSymbol(positions: ToPosition, symbol: OwnSymbol): DocumentSymbol {
  return {
    name: symbol.name === '' ? '(unnamed)' : symbol.name,
    detail: symbol.detail,
    kind: SYMBOL_KINDS[symbol.kind],
    range: toRange(positions, symbol.span),
    selectionRange: toRange(positions, symbol.nameSpan),
    children: symbol.children.map((child) => toSymbol(positions, child)),
  };
}
