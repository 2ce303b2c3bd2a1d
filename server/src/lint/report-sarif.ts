import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding, Rule, Severity } from '#model/rules/rule.ts';
import { type LintedFile, placeOf } from './linted-file.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/** SARIF 2.1.0 (OASIS standard). Columns count UTF-16 units from 1. */
export function sarifReport(files: readonly LintedFile[], rules: readonly Rule<never>[]): string {
  const index = new Map(rules.map((rule, i) => [rule.id, i]));
  const log = {
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
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/** Relative to where the command ran, or absolute with its scheme (RFC 3986). */
function uriReference(file: string): string {
  if (path.isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(path.sep).map(encodeURIComponent).join('/');
}

function sarifRule({ id, title, severity, off, aliases }: Rule<never>): object {
  return {
    id,
    shortDescription: { text: title },
    defaultConfiguration: { level: LEVELS[severity], enabled: off !== true },
    properties: { page: `docs/rules/${id}.md`, ...(aliases === undefined ? {} : { aliases }) },
  };
}

function sarifResult(file: LintedFile, finding: Finding, index: ReadonlyMap<string, number>): object {
  const { line, column, endLine, endColumn } = placeOf(file, finding.span);
  const region = { startLine: line, startColumn: column, endLine, endColumn };
  const uri = uriReference(file.file);
  const ruleIndex = index.get(finding.rule);
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[finding.severity],
    message: { text: finding.message },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
  };
}
