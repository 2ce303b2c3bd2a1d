/** `slipway lint`: the language server's checks on the command line. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { applyEdits } from '#model/text/edit.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import { DISK } from '../files.ts';
import type { Source } from '../language.ts';
import { LANGUAGES } from '../languages.ts';
import { RULES } from '../rules/rules.ts';
import { readSettings, type Settings } from '../settings.ts';
import { findFiles, languageOf } from './find-files.ts';
import { type LintOptions, LintUsageError, readOptions, USAGE } from './options.ts';
import { countOf, formatReport, type LintedFile } from './report.ts';

/** How often fixes are applied anew: one fix may make room for another. */
const FIX_ROUNDS = 5;

/** @param argv the arguments behind `lint`. Resolves to the exit code; prints to stdout, usage errors to stderr. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = readOptions(argv);
    if (options.help) {
      await print(USAGE);
      return 0;
    }
    const settings = readSettings({ rules: options.rules });
    const paths = findFiles(options.paths, LANGUAGES, DISK);
    const linted = paths.map((file) => lintFile(file, options, settings));
    await print(formatReport(options.format, linted, RULES));
    return exitCode(linted, options);
  } catch (error) {
    if (!(error instanceof LintUsageError)) throw error;
    process.stderr.write(`slipway lint: ${error.message}\n`);
    return 2;
  }
}

function exitCode(files: readonly LintedFile[], { failOn, maxWarnings }: LintOptions): number {
  const warnings = countOf(files, 'warning');
  if (countOf(files, 'error') > 0 || warnings > maxWarnings) return 1;
  return failOn === 'warning' && warnings > 0 ? 1 : 0;
}

function lintFile(file: string, options: LintOptions, settings: Settings): LintedFile {
  const isStdin = file === '-';
  const name = isStdin ? options.stdinFilename : file;
  const language = languageOf(name, LANGUAGES);
  if (language === undefined) throw new LintUsageError(`${name}: neither a Dockerfile nor a Compose file`);
  let text = readText(isStdin ? 0 : file, name);
  const diagnose = () => {
    const absolute = path.resolve(name);
    const uri = pathToFileURL(absolute).href;
    const source: Source = { uri, path: absolute, text, lines: createLineIndex(text), files: DISK };
    return { file: name, lines: source.lines, findings: language.diagnose(language.parse(source), settings) };
  };
  let linted = diagnose();
  if (!options.fix || isStdin) return linted;
  const original = text;
  for (let round = 0; round < FIX_ROUNDS; round++) {
    const fixes = linted.findings.flatMap(({ fixes }) => fixes?.find((fix) => fix.safe === true) ?? []);
    if (fixes.length === 0) break;
    text = applyEdits(
      text,
      fixes.flatMap(({ edits }) => edits),
    );
    linted = diagnose();
  }
  if (text !== original) writeFileSync(file, text);
  return linted;
}

function readText(from: string | 0, name: string): string {
  try {
    const bytes = readFileSync(from);
    if (bytes.includes(0)) throw new LintUsageError(`${name}: a binary file, not text`);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof LintUsageError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = code === 'EACCES' ? 'permission denied' : code === 'EISDIR' ? 'is a directory' : String(error);
    throw new LintUsageError(`cannot read ${name}: ${reason}`, { cause: error });
  }
}

/** Waits until a pipe has taken everything: the caller may exit right after. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
