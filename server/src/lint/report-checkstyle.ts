import type { Severity } from '#model/rules/rule.ts';
import { type LintedFile, placeOf } from './linted-file.ts';

/** Checkstyle knows no hints. */
const SEVERITIES: Readonly<Record<Severity, 'error' | 'warning' | 'info'>> = {
  error: 'error',
  warning: 'warning',
  information: 'info',
  hint: 'info',
};

/** Checkstyle's XML, which most build servers read. */
export function checkstyleReport(files: readonly LintedFile[]): string {
  const rows = files.flatMap((file) => [
    `  <file name="${escapeXml(file.file)}">`,
    ...file.findings.map(({ span, severity, rule, message }) => {
      const { line, column } = placeOf(file, span);
      const attributes = { line, column, severity: SEVERITIES[severity], message, source: rule };
      const list = Object.entries(attributes).map(([name, value]) => `${name}="${escapeXml(String(value))}"`);
      return `    <error ${list.join(' ')}/>`;
    }),
    '  </file>',
  ]);
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<checkstyle version="4.3">', ...rows, '</checkstyle>', ''].join(
    '\n',
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** Other control characters are not allowed in XML at all. */
function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
  return text.replaceAll(/[\u0000-\u001f&<>"\ufffe\uffff]/g, (char) => ENTITIES[char] ?? '\ufffd');
}
