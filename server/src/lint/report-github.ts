import type { Severity } from '#model/rules/rule.ts';
import { type LintedFile, placeOf } from './linted-file.ts';

const COMMANDS: Readonly<Record<Severity, 'error' | 'warning' | 'notice'>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

/** Workflow commands of GitHub Actions, which become annotations of the lines. */
export function githubReport(files: readonly LintedFile[]): string {
  return files
    .flatMap((file) =>
      file.findings.map(({ span, severity, rule, message }) => {
        const { line, column, endLine, endColumn } = placeOf(file, span);
        // Columns of different lines are not taken.
        const columns = line === endLine ? { col: column, endColumn } : {};
        const properties = { file: file.file, line, endLine, ...columns, title: rule };
        const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
        return `::${COMMANDS[severity]} ${list.join(',')}::${escapeData(message)}\n`;
      }),
    )
    .join('');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
