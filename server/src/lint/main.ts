/** `slipway lint`: the language server's checks on the command line. */
import { DISK } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import { severityRank } from '../rules/levels.ts';
import { RULES } from '../rules/rules.ts';
import { runShellCheck } from '../shellcheck/run-shellcheck.ts';
import { createShellChecker, type ShellChecker } from '../shellcheck/shell-checker.ts';
import { dclintExclusions } from './dclint-exclusions.ts';
import { findFiles } from './find-files.ts';
import { type LintConfig, readLintConfig } from './lint-config.ts';
import { lintEach } from './lint-each.ts';
import { type LintOptions, readOptions, USAGE } from './options.ts';
import type { LintedFile } from './linted-file.ts';
import { print } from './print.ts';
import { countOf, formatReport } from './report.ts';
import { lintOnThreads, threadsFor } from './threads.ts';
import { LintUsageError } from './usage-error.ts';

export { work } from './threads.ts';

/** @param argv the arguments behind `lint`. Resolves to the exit code; findings go to stdout, errors to stderr. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = readOptions(argv, process.env);
    if (options.help) {
      await print(process.stdout, USAGE);
      return 0;
    }
    return await lint(options, readLintConfig(options, process.env, DISK));
  } catch (error) {
    if (!(error instanceof LintUsageError)) throw error;
    process.stderr.write(`slipway lint: ${error.message}\n`);
    return 2;
  }
}

async function lint(options: LintOptions, config: LintConfig): Promise<number> {
  const { isExcluded, notice } = dclintExclusions(process.cwd(), config.source.text);
  if (notice !== undefined) process.stderr.write(`slipway lint: ${notice}\n`);
  const { found, errors } = findFiles(options.paths, LANGUAGES, DISK, isExcluded);
  const failures = errors.map(({ message }) => message);
  const failed = (failure: string): void => void failures.push(failure);
  const checker = shellCheckerFor(options, found.length);
  const threads = checker === undefined && !options.fix ? threadsFor(found.length) : 1;
  const linted =
    threads > 1
      ? await lintOnThreads(found, { options, config }, threads, failed)
      : await lintEach(found, { options, config }, failed, checker);
  for (const failure of new Set(failures)) process.stderr.write(`slipway lint: ${failure}\n`);
  const isNothing = linted.length === 0 && failures.length > 0;
  const report = isNothing && config.format === 'text' ? '' : formatReport(config.format, linted, RULES);
  await print(options.fix && found.includes('-') ? process.stderr : process.stdout, report);
  return failures.length > 0 ? 2 : exitCode(linted, config, options);
}

function exitCode(files: readonly LintedFile[], { failOn }: LintConfig, { maxWarnings }: LintOptions): number {
  if (countOf(files, 'warning') > maxWarnings) return 1;
  if (failOn === 'off') return 0;
  const lowest = severityRank(failOn);
  return files.some(({ findings }) => findings.some(({ severity }) => severityRank(severity) >= lowest)) ? 1 : 0;
}

/** One process for each script takes its time: with many files it must be asked for. */
const MOST_FILES_WITH_SHELLCHECK = 100;

function shellCheckerFor({ shellcheck }: LintOptions, files: number): ShellChecker | undefined {
  if (shellcheck === 'off') return undefined;
  if (shellcheck === 'auto' && files > MOST_FILES_WITH_SHELLCHECK) {
    process.stderr.write(`slipway lint: ShellCheck is left out with ${files} files; --shellcheck on asks for it\n`);
    return undefined;
  }
  return createShellChecker(runShellCheck, (error) => {
    process.stderr.write(
      `slipway lint: ShellCheck failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  });
}
