import { runRules } from '../lint/run-rules.ts';
import type { Language } from '../language.ts';
import { otherFrontend } from '#model/dockerfile/other-frontend.ts';
import { BUILDKIT_RULES } from '#model/rules/buildkit/buildkit-rules.ts';
import { DOCKERFILE_RULES } from '../rules/dockerfile-rules.ts';
import type { Level } from '../rules/levels.ts';
import type { Finding, Rule } from '#model/rules/rule.ts';
import { complete, imageAt, TRIGGER_CHARACTERS } from './completion.ts';
import { definition } from './definition.ts';
import { type DockerfileDocument, readDockerfile } from './document.ts';
import { folding } from './folding.ts';
import { format, formatAfter } from './format.ts';
import { hints } from './hints.ts';
import { hover } from './hover.ts';
import { lenses } from './lenses.ts';
import { links } from './links.ts';
import { occurrencesElsewhere } from './occurrences-elsewhere.ts';
import { occurrences } from './occurrences.ts';
import { prepareRename, rename, renameProblem } from './rename.ts';
import { selection } from './selection.ts';
import { shellFindings } from './shell-findings.ts';
import { shellScripts } from './shell-scripts.ts';
import { signature } from './signature.ts';
import { checksAreErrors, experimentalChecks } from '#model/rules/check-directive.ts';
import { suppressAt, suppressInFile, suppressionsOf } from './suppressions.ts';
import { outsideTarget } from './target.ts';
import { symbols } from './symbols.ts';
import { tokens } from './tokens.ts';

const FILE_NAME = /(?:^|[/\\.])(?:Dockerfile|Containerfile)(?:[.-][^/\\]*)?$|\.(?:dockerfile|containerfile)$/i;

export const DOCKERFILE: Language<DockerfileDocument> = {
  name: 'dockerfile',
  owns: (languageId, uri) => languageId === 'dockerfile' || (languageId === '' && isDockerfileName(uri)),
  parse: readDockerfile,
  diagnose(document, settings) {
    // What the editor says goes before what the project's .hadolint.yaml says.
    const rules = { ...document.hadolint.rules, ...experimentsOf(document), ...settings.rules };
    const isSuppressed = suppressionsOf(document);
    const isOutside = outsideTarget(document);
    // What another frontend accepts is not known.
    const isOther = otherFrontend(document.tree) !== undefined;
    const isOfOther = ({ fatal }: Rule<never>): boolean => isOther && fatal === true;
    const findings = runRules(
      DOCKERFILE_RULES,
      document,
      { ...settings, rules },
      (rule, names, span) => isOfOther(rule) || isOutside(rule, span) || isSuppressed(rule, names, span),
      document.source.ruleFailed,
    );
    return checksAreErrors(document.tree) ? findings.map(asError) : findings;
  },
  shell: { scripts: shellScripts, findings: shellFindings },
  suppress: (document, { rule, span }) => suppressAt(document, rule, span),
  suppressInFile: (document, { rule }) => suppressInFile(document, rule, BUILDKIT.has(rule)),
  completion: { triggerCharacters: TRIGGER_CHARACTERS, complete, imageAt },
  signatures: { triggerCharacters: [' '], signature },
  hover,
  definition,
  occurrences,
  occurrencesElsewhere,
  renaming: { prepare: prepareRename, problemOf: renameProblem, rename },
  symbols,
  folding,
  links,
  selection,
  hints,
  lenses,
  format,
  typing: { characters: ['\n', '\\', '`'], formatAfter },
  tokens,
};

/** `Dockerfile`, `Containerfile`, `Dockerfile.dev`, `web.dockerfile`; not their ignore files. */
function isDockerfileName(path: string): boolean {
  return FILE_NAME.test(path) && !/\.dockerignore$|\.md$/i.test(path);
}

/** Checks of BuildKit that are off unless a file asks for them: `# check=experimental=…`. */
function experimentsOf({ tree }: DockerfileDocument): Record<string, Level> {
  const wanted = experimentalChecks(tree);
  const on = EXPERIMENTS.filter((id) => wanted.includes(id) || wanted.includes('all'));
  return Object.fromEntries(on.map((id) => [id, 'warning'] as const));
}

const EXPERIMENTS: readonly string[] = BUILDKIT_RULES.filter(({ off }) => off === true).map(({ id }) => id);

const BUILDKIT: ReadonlySet<string> = new Set(BUILDKIT_RULES.map(({ id }) => id));

function asError(finding: Finding): Finding {
  return BUILDKIT.has(finding.rule) ? { ...finding, severity: 'error' } : finding;
}
