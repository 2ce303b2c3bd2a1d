import type { Language } from '../language.ts';
import { runRules } from '../lint/run-rules.ts';
import { COMPOSE_RULES } from '../rules/compose/compose-rules.ts';
import { type ComposeDocument, readCompose } from './document.ts';
import { suppressAt, suppressionsOf } from './suppressions.ts';

const FILE_NAME = /(?:^|[/\\])(?:[\w.-]+[.-])?(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/i;

export const COMPOSE: Language<ComposeDocument> = {
  name: 'compose',
  owns: (languageId, uri) =>
    languageId === 'dockercompose' || (['', 'yaml'].includes(languageId) && isComposeName(uri)),
  parse: readCompose,
  diagnose: (document, settings) => runRules(COMPOSE_RULES, document, settings, suppressionsOf(document)),
  suppress: (document, finding) => suppressAt(document, finding.rule, finding.span),
};

/** `compose.yaml`, `docker-compose.yml`, `compose.override.yaml`, `docker-compose.dev.yml` … */
export function isComposeName(path: string): boolean {
  return FILE_NAME.test(path);
}
