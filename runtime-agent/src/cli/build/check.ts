/** `slipway build --check`: BuildKit's checks of the Dockerfile that would be built, without an engine. */
import { ignoresOf } from '#model/dockerfile/context-ignores.ts';
import { excerptOf } from '#model/dockerfile/excerpt.ts';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';
import { parseErrorText, readStages } from '#model/dockerfile/stages.ts';
import { type BuildWarning, buildWarnings } from '#model/rules/build-warnings.ts';
import { checkedDockerfile } from '#model/rules/checked-dockerfile.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { neededStages } from '../../build/plan/needed-stages.ts';

export interface CheckRequest {
  /** The Dockerfile, and its name for people. */
  readonly text: string;
  readonly name: string;
  /** The text of .dockerignore; undefined when there is none. */
  readonly ignoreFile: string | undefined;
  readonly target: string;
  readonly given: Readonly<Record<string, string>>;
}

export interface CheckOutcome {
  /** As `docker build --check` prints it. */
  readonly report: string;
  /** Why a build would fail over the warnings. */
  readonly error: string | undefined;
  readonly code: 0 | 1;
}

/** Throws EngineError('invalid') for a Dockerfile that cannot be built. */
export function checkReport({ text, name, ignoreFile, target, given }: CheckRequest): CheckOutcome {
  const read = readStages(text);
  if (read.error !== undefined) {
    const excerpt = excerptOf(name, text, read.error.span).trimEnd();
    throw new EngineError('invalid', `${parseErrorText(read.error)}\n\n${excerpt}`);
  }
  const needed = neededStages(read.dockerfile, target);
  const document = checkedDockerfile(text, { given, ignores: ignoresOf(ignoreFile), mayComeFromImage });
  const { warnings, error } = buildWarnings(document, (stage) => needed.has(stage));
  const count = warnings.length === 1 ? '1 warning has' : `${warnings.length} warnings have`;
  const title = warnings.length === 0 ? 'Check complete, no warnings found.' : `Check complete, ${count} been found!`;
  const code = warnings.length === 0 ? 0 : 1;
  return { report: [`${title}\n`, ...warnings.map((one) => section(one, name, text))].join('\n'), error, code };
}

function section({ rule, url, message, span }: BuildWarning, name: string, text: string): string {
  return `WARNING: ${rule} - ${url}\n${message}\n${excerptOf(name, text, span)}`;
}
