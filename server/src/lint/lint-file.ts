import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { applyEdits } from '#model/text/edit.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import type { Files } from '../files.ts';
import type { BuildOptions, ConfigSource, Language, Source } from '../language.ts';
import { compatibleEdits } from '../rules/compatible-fixes.ts';
import type { Settings } from '../settings.ts';
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
}

export function lintText(job: LintJob): LintedFile {
  const { name, text, language, settings, files, build, config } = job;
  const absolute = path.resolve(name);
  const uri = pathToFileURL(absolute).href;
  const source: Source = { uri, path: absolute, text, lines: createLineIndex(text), files, build, config };
  return { file: name, lines: source.lines, findings: language.diagnose(language.parse(source), settings) };
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
