import type { Language } from '../language.ts';
import { runRules } from '../lint/run-rules.ts';
import { COMPOSE_RULES } from '../rules/compose/compose-rules.ts';
import { complete, TRIGGER_CHARACTERS } from './completion.ts';
import { type ComposeDocument, readCompose } from './document.ts';
import { folding } from './folding.ts';
import { format } from './format.ts';
import { hints } from './hints.ts';
import { hover } from './hover.ts';
import { imageAt } from './image-at.ts';
import { lenses } from './lenses.ts';
import { links } from './links.ts';
import { definition, occurrences, occurrencesElsewhere } from './names.ts';
import { prepareRename, rename, renameProblem } from './rename.ts';
import { selection } from './selection.ts';
import { suppressAt, suppressInFile, suppressionsOf } from './suppressions.ts';
import { symbols } from './symbols.ts';
import { tokens } from './tokens.ts';

/** What is read out of a file that is no YAML is no ground for finding more errors, or for moving lines. */
const SYNTAX_RULES = COMPOSE_RULES.filter(({ id }) => id === 'invalid-yaml' || id === 'duplicate-key');

const FILE_NAME = /(?:^|[/\\])(?:[\w.-]+[.-])?(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/i;

/** VS Code's, and those of editors that send the name of their mode or file type. */
const LANGUAGE_IDS = ['dockercompose', 'docker-compose', 'yaml.docker-compose'];

export const COMPOSE: Language<ComposeDocument> = {
  name: 'compose',
  owns: (languageId, uri) =>
    LANGUAGE_IDS.includes(languageId) || (['', 'yaml'].includes(languageId) && FILE_NAME.test(uri)),
  parse: readCompose,
  // YAML takes its time: twice as much would be seconds for every key.
  longest: 500_000,
  diagnose(document, settings) {
    const { dclint, source, tree } = document;
    const isBroken = tree.problems.some(({ kind }) => kind === 'syntax');
    // Presets of Dockerfile tools say nothing about Compose files.
    const preset = settings.preset === 'strict' ? 'strict' : 'recommended';
    const rules = { ...dclint.rules, ...settings.rules };
    const checked = isBroken ? SYNTAX_RULES : COMPOSE_RULES;
    const findings = runRules(checked, document, { rules, preset }, suppressionsOf(document), source.ruleFailed);
    const isQuiet = source.config !== undefined && dclint.quiet;
    return isQuiet ? findings.filter(({ severity }) => severity === 'error') : findings;
  },
  suppress: (document, { rule, span }) => suppressAt(document, rule, span),
  suppressInFile: (document, { rule }) => suppressInFile(document, rule),
  completion: { triggerCharacters: TRIGGER_CHARACTERS, complete, imageAt },
  hover,
  definition,
  occurrences,
  occurrencesElsewhere,
  renaming: { prepare: prepareRename, problemOf: renameProblem, rename },
  symbols,
  folding,
  selection,
  hints,
  lenses,
  links,
  format,
  tokens,
};
