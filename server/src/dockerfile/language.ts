import { runRules } from '../lint/run-rules.ts';
import type { Language } from '../language.ts';
import { DOCKERFILE_RULES } from '../rules/rules.ts';
import { type DockerfileDocument, readDockerfile } from './document.ts';
import { suppressAt, suppressionsOf } from './suppressions.ts';

const FILE_NAME = /(?:^|[/.])(?:Dockerfile|Containerfile)(?:\.[^/]*)?$|\.(?:dockerfile|containerfile)$/i;

export const DOCKERFILE: Language<DockerfileDocument> = {
  name: 'dockerfile',
  owns: (languageId, uri) => languageId === 'dockerfile' || (languageId === '' && isDockerfileName(uri)),
  parse: readDockerfile,
  diagnose: (document, settings) => runRules(DOCKERFILE_RULES, document, settings, suppressionsOf(document)),
  suppress: (document, finding) => suppressAt(document, finding.rule, finding.span),
};

/** `Dockerfile`, `Containerfile`, `Dockerfile.dev`, `web.dockerfile`; not their ignore files. */
export function isDockerfileName(path: string): boolean {
  return FILE_NAME.test(path) && !path.endsWith('.dockerignore');
}
