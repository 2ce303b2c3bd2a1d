/** Findings as text, JSON and SARIF. */
import type { LineIndex } from '#model/text/line-index.ts';
import type { Finding, Rule, Severity } from '../rules/rule.ts';

export interface LintedFile {
  readonly file: string;
  readonly lines: LineIndex;
  readonly findings: readonly Finding[];
}

export type Format = 'text' | 'json' | 'sarif';

/** @param rules all rules there are, for SARIF's metadata */
export function formatReport(format: Format, files: readonly LintedFile[], rules: readonly Rule<never>[]): string {
  switch (format) {
    case 'text':
      return textReport(files);
    case 'json':
      return `${JSON.stringify(files.flatMap(jsonFindings), undefined, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(sarifLog(files, rules), undefined, 2)}\n`;
  }
}

export function countOf(files: readonly LintedFile[], severity: Severity): number {
  return files.reduce((sum, { findings }) => sum + findings.filter((one) => one.severity === severity).length, 0);
}

function textReport(files: readonly LintedFile[]): string {
  const rows = files.flatMap((file) =>
    file.findings.map(({ span, severity, message, rule }) => {
      const { line, character } = file.lines.positionAt(span.start);
      return `${file.file}:${line + 1}:${character + 1} ${severity} ${message} (${rule})`;
    }),
  );
  const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  const notes = countOf(files, 'information') + countOf(files, 'hint');
  const counts = [
    plural(countOf(files, 'error'), 'error'),
    plural(countOf(files, 'warning'), 'warning'),
    ...(notes > 0 ? [plural(notes, 'note')] : []),
  ];
  return [...rows, `${counts.join(', ')} in ${plural(files.length, 'file')}`, ''].join('\n');
}

function jsonFindings({ file, lines, findings }: LintedFile): object[] {
  return findings.map(({ span, severity, rule, message, fixes }) => {
    const start = lines.positionAt(span.start);
    const end = lines.positionAt(span.end);
    return {
      file,
      line: start.line + 1,
      column: start.character + 1,
      endLine: end.line + 1,
      endColumn: end.character + 1,
      severity,
      rule,
      message,
      fixable: (fixes ?? []).length > 0,
    };
  });
}

const SARIF_LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/** SARIF 2.1.0 (OASIS standard). Columns count UTF-16 units from 1. */
function sarifLog(files: readonly LintedFile[], rules: readonly Rule<never>[]): object {
  const index = new Map(rules.map((rule, i) => [rule.id, i]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'slipway', rules: rules.map(sarifRule) } },
        columnKind: 'utf16CodeUnits',
        results: files.flatMap((file) => file.findings.map((finding) => sarifResult(file, finding, index))),
      },
    ],
  };
}

function sarifRule({ id, title, severity, off, aliases }: Rule<never>): object {
  return {
    id,
    shortDescription: { text: title },
    defaultConfiguration: { level: SARIF_LEVELS[severity], enabled: off !== true },
    properties: { page: `docs/rules/${id}.md`, ...(aliases === undefined ? {} : { aliases }) },
  };
}

function sarifResult({ file, lines }: LintedFile, finding: Finding, index: ReadonlyMap<string, number>): object {
  const start = lines.positionAt(finding.span.start);
  const end = lines.positionAt(finding.span.end);
  const region = {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
  const uri = encodeURI(file.replaceAll('\\', '/'));
  return {
    ruleId: finding.rule,
    ruleIndex: index.get(finding.rule) ?? -1,
    level: SARIF_LEVELS[finding.severity],
    message: { text: finding.message },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
  };
}
