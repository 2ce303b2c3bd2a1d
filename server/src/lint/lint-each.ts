/** The files of a run, one after the other. */
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { stagesOf } from '#model/dockerfile/syntax/stages.ts';
import { stageToBuild } from '../dockerfile/target.ts';
import { DISK, type Files } from '../files.ts';
import { LANGUAGES } from '../languages.ts';
import { rememberedFiles } from '../remembered-files.ts';
import type { ShellChecker } from '../shellcheck/shell-checker.ts';
import { languageOf } from './language-of.ts';
import { fixText, type LintJob, lintText, withShellCheck } from './lint-file.ts';
import type { LintConfig } from './lint-config.ts';
import type { LintedFile } from './linted-file.ts';
import type { LintOptions } from './options.ts';
import { print } from './print.ts';
import { readText } from './read-text.ts';
import { replaceFile } from './replace-file.ts';
import { LintUsageError } from './usage-error.ts';

export interface LintRun {
  readonly options: LintOptions;
  readonly config: LintConfig;
}

/** @param failed told of each file that cannot be linted: it is left out, the others go on */
export async function lintEach(
  found: readonly string[],
  run: LintRun,
  failed: (failure: string) => void,
  checker?: ShellChecker,
): Promise<LintedFile[]> {
  // Fixes change files that others refer to.
  const files = run.options.fix ? DISK : rememberedFiles(DISK);
  const linted: LintedFile[] = [];
  for (const file of found) {
    try {
      linted.push(await lintFile(file, run, files, checker, failed));
    } catch (error) {
      failed(error instanceof LintUsageError ? error.message : `${file}: ${internalError(error)}`);
    }
  }
  return linted;
}

/** A defect of ours: where it is, in one line. */
function internalError(error: unknown): string {
  const [what = '', where = ''] = (error instanceof Error ? (error.stack ?? error.message) : String(error)).split('\n');
  return `internal error, please report it: ${what}${where === '' ? '' : ` ${where.trim()}`}`;
}

async function lintFile(
  file: string,
  { options, config }: LintRun,
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
