import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { applyEdits } from '#model/text/edit.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import type { Files } from '../files.ts';
import type { BuildOptions, ConfigSource, Language, RuleFailed, Source } from '../language.ts';
import { compatibleEdits } from '../rules/compatible-fixes.ts';
import type { Settings } from '../settings.ts';
import type { ShellChecker } from '../shellcheck/shell-checker.ts';
import type { LintedFile } from './linted-file.ts';

/** How often fixes are applied anew: one fix may make room for another. */
const FIX_ROUNDS = 10;

export interface LintJob {
  /** As the report calls it. */
  readonly name: string;
  readonly text: string;
  readonly language: Language<unknown>;
  readonly settings: Settings;
  readonly files: Files;
  readonly build: BuildOptions;
  readonly config: ConfigSource;
  readonly ruleFailed: RuleFailed;
}

function sourceOf({ name, text, files, build, config, ruleFailed }: LintJob): Source {
  const absolute = path.resolve(name);
  const uri = pathToFileURL(absolute).href;
  return { uri, path: absolute, text, lines: createLineIndex(text), files, build, config, ruleFailed };
}

export function lintText(job: LintJob): LintedFile {
  const { name, language, settings } = job;
  const source = sourceOf(job);
  return {
    file: name,
    text: job.text,
    lines: source.lines,
    findings: language.diagnose(language.parse(source), settings),
  };
}

/** The same with what ShellCheck says of the scripts in the file. */
export async function withShellCheck(job: LintJob, linted: LintedFile, checker: ShellChecker): Promise<LintedFile> {
  const { shell } = job.language;
  if (shell === undefined) return linted;
  const document = job.language.parse(sourceOf(job));
  const scripts = shell.scripts(document);
  await checker.check(scripts, new AbortController().signal);
  const checked = checker.known(() => scripts);
  const findings = [...linted.findings, ...shell.findings(document, checked, job.settings)];
  return { ...linted, findings: findings.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end) };
}

/** Applies safe fixes until nothing is left to fix, and lints what has become of the text. */
export function fixText(job: LintJob): { readonly text: string; readonly linted: LintedFile } {
  let { text } = job;
  let linted = lintText(job);
  for (let round = 0; round < FIX_ROUNDS; round++) {
    const fixes = linted.findings.flatMap(({ fixes: offered }) => offered?.find((fix) => fix.safe === true) ?? []);
    const fixed = applyEdits(text, compatibleEdits(fixes));
    if (fixed === text) break;
    text = fixed;
    linted = lintText({ ...job, text });
  }
  return { text, linted };
}
