/** `slipway lint`: the language server's checks on the command line. */
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { stagesOf } from '#model/dockerfile/syntax/stages.ts';
import { stageToBuild } from '../dockerfile/target.ts';
import { DISK, type Files } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import { rememberedFiles } from '../remembered-files.ts';
import { severityRank } from '../rules/levels.ts';
import { RULES } from '../rules/rules.ts';
import { runShellCheck } from '../shellcheck/run-shellcheck.ts';
import { createShellChecker, type ShellChecker } from '../shellcheck/shell-checker.ts';
import { dclintExclusions } from './dclint-exclusions.ts';
import { findFiles } from './find-files.ts';
import { languageOf } from './language-of.ts';
import { fixText, type LintJob, lintText, withShellCheck } from './lint-file.ts';
import { type LintConfig, readLintConfig } from './lint-config.ts';
import { type LintOptions, readOptions, USAGE } from './options.ts';
import type { LintedFile } from './linted-file.ts';
import { readText } from './read-text.ts';
import { countOf, formatReport } from './report.ts';
import { LintUsageError } from './usage-error.ts';
import { replaceFile } from './replace-file.ts';

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
  const linted: LintedFile[] = [];
  const checker = shellCheckerFor(options, found.length);
  // Fixes change files that others refer to.
  const files = options.fix ? DISK : rememberedFiles(DISK);
  for (const file of found) {
    try {
      linted.push(await lintFile(file, options, config, files, checker, (failure) => failures.push(failure)));
    } catch (error) {
      const failure = error instanceof LintUsageError ? error.message : `${file}: ${internalError(error)}`;
      failures.push(failure);
    }
  }
  for (const failure of new Set(failures)) process.stderr.write(`slipway lint: ${failure}\n`);
  const isNothing = linted.length === 0 && failures.length > 0;
  const report = isNothing && config.format === 'text' ? '' : formatReport(config.format, linted, RULES);
  await print(options.fix && found.includes('-') ? process.stderr : process.stdout, report);
  return failures.length > 0 ? 2 : exitCode(linted, config, options);
}

/** A defect of ours: where it is, in one line. */
function internalError(error: unknown): string {
  const [what = '', where = ''] = (error instanceof Error ? (error.stack ?? error.message) : String(error)).split('\n');
  return `internal error, please report it: ${what}${where === '' ? '' : ` ${where.trim()}`}`;
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

async function lintFile(
  file: string,
  options: LintOptions,
  config: LintConfig,
  files: Files,
  checker: ShellChecker | undefined,
  failed: (failure: string) => void,
): Promise<LintedFile> {
  const isStdin = file === '-';
  const name = isStdin ? options.stdinFilename : file;
  const { text, mark, isLossy } = await readText(isStdin ? undefined : file, name ?? 'standard input');
  if (isLossy && options.fix) throw new LintUsageError(`${file}: not UTF-8, which --fix would not keep as it is`);
  const language = languageOf(name, text, LANGUAGES);
  const build = { args: options.buildArgs, target: options.target };
  if (language === undefined) throw new LintUsageError(`${name}: neither a Dockerfile nor a Compose file`);
  if (language.name === 'dockerfile') checkTarget(options.target, text, name ?? 'Dockerfile');
  const job: LintJob = {
    name: name ?? (language.name === 'compose' ? 'compose.yaml' : 'Dockerfile'),
    text,
    language,
    settings: config.settings,
    files,
    build,
    config: config.source,
    ruleFailed: (rule, error) => failed(`${name ?? file}: the rule ${rule} failed: ${internalError(error)}`),
  };
  const checked = (linted: LintedFile, of: LintJob) =>
    checker === undefined ? linted : withShellCheck(of, linted, checker);
  if (!options.fix) return checked(lintText(job), job);
  const { text: fixed, linted } = fixText(job);
  if (isStdin) await print(process.stdout, mark + fixed);
  else if (fixed !== text) replaceFile(file, mark + fixed);
  return checked(linted, { ...job, text: fixed });
}

function checkTarget(target: string | undefined, text: string, name: string): void {
  if (target === undefined || stageToBuild(stagesOf(parseDockerfile(text)).stages, target) !== undefined) return;
  throw new LintUsageError(`${name}: target stage ${JSON.stringify(target)} could not be found`);
}

/** Waits until a pipe has taken everything: the caller may exit right after. Who has closed it has seen enough. */
function print(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      if ('code' in error && error.code === 'EPIPE') resolve();
      else reject(new LintUsageError(`cannot write the report: ${error.message}`, { cause: error }));
    };
    stream.once('error', failed);
    stream.write(text, (error) => (error ? failed(error) : resolve()));
  });
}
