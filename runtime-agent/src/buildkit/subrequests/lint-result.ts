/** `docker build --check`: BuildKit's checks of the stages that the target needs. */
import { ignoresOf } from '#model/dockerfile/context-ignores.ts';
import { excerptOf } from '#model/dockerfile/excerpt.ts';
import { mayComeFromImage } from '#model/dockerfile/image-environment.ts';
import { type BuildWarning, buildWarnings } from '#model/rules/build-warnings.ts';
import { checkedDockerfile } from '#model/rules/checked-dockerfile.ts';
import { neededStages } from '../../build/plan/needed-stages.ts';
import type { AskedDockerfile, SubrequestResult } from './subrequest.ts';
import { locationOf } from './locations.ts';

export function lintResult({ name, text, dockerfile, ignoreFile, target, given }: AskedDockerfile): SubrequestResult {
  const needed = neededStages(dockerfile, target);
  const document = checkedDockerfile(text, { given, ignores: ignoresOf(ignoreFile), mayComeFromImage });
  const { warnings } = buildWarnings(document, (stage) => needed.has(stage));
  const source = { filename: name, data: Buffer.from(text).toString('base64'), language: 'Dockerfile' };
  return {
    json: { warnings: warnings.map(warningJson), sources: [source] },
    text: warnings.map((warning) => `\n${sectionOf(warning, name, text)}`).join(''),
    code: warnings.length > 0 ? 1 : 0,
  };
}

function warningJson({ rule, title, url, message, line, lastLine }: BuildWarning) {
  return { ruleName: rule, description: title, url, detail: message, location: locationOf(line, lastLine) };
}

function sectionOf({ rule, url, message, span }: BuildWarning, name: string, text: string): string {
  return `WARNING: ${rule} - ${url}\n${message}\n${excerptOf(name, text, span)}`;
}
