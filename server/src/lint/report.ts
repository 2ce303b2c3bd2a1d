/** Findings as text and JSON; the other formats have files of their own. */
import type { Rule, Severity } from '#model/rules/rule.ts';
import { type LintedFile, placeOf } from './linted-file.ts';
import { checkstyleReport } from './report-checkstyle.ts';
import { githubReport } from './report-github.ts';
import { sarifReport } from './report-sarif.ts';

export const FORMATS = ['text', 'json', 'sarif', 'github', 'checkstyle'] as const;
export type Format = (typeof FORMATS)[number];

/** @param rules all rules there are, for SARIF's metadata */
export function formatReport(format: Format, files: readonly LintedFile[], rules: readonly Rule<never>[]): string {
  switch (format) {
    case 'text':
      return textReport(files);
    case 'json':
      return `${JSON.stringify(files.flatMap(jsonFindings), undefined, 2)}\n`;
    case 'sarif':
      return sarifReport(files, rules);
    case 'github':
      return githubReport(files);
    case 'checkstyle':
      return checkstyleReport(files);
  }
}

export function countOf(files: readonly LintedFile[], severity: Severity): number {
  return files.reduce((sum, { findings }) => sum + findings.filter((one) => one.severity === severity).length, 0);
}

function textReport(files: readonly LintedFile[]): string {
  const rows = files.flatMap((file) =>
    file.findings.map(({ span, severity, message, rule }) => {
      const { line, column } = placeOf(file, span);
      return `${file.file}:${line}:${column} ${severity} ${message} (${rule})`;
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

function jsonFindings(file: LintedFile): object[] {
  return file.findings.map(({ span, severity, rule, aliases, message, fixes }) => ({
    file: file.file,
    ...placeOf(file, span),
    rule,
    aliases,
    severity,
    message,
    fixable: (fixes ?? []).length > 0,
  }));
}
