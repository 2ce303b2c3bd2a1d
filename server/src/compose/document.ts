import { parseCompose } from '#model/compose/parse.ts';
import { COMPOSE_FILE } from '#model/compose/schema/compose-file.ts';
import { type SchemaProblem, validate } from '#model/compose/validate.ts';
import { type ComposeNode, type ComposeTree, type Entry, entriesOf, valueAt } from '#model/compose/tree.ts';
import { spanOf } from '#model/text/span.ts';
import type { Source } from '../language.ts';
import { type DclintConfig, readDclintConfig } from './dclint-config.ts';
import { readProject, type Project } from './project.ts';
import { referencesIn, type Reference } from './references.ts';

/** A Compose file read for the editor. What costs time and is not always needed is computed when first asked for. */
export interface ComposeDocument {
  readonly source: Source;
  readonly text: string;
  readonly tree: ComposeTree;
  readonly root: ComposeNode | undefined;
  /** Extension entries (`x-…`) are not among them. */
  readonly services: readonly Entry[];
  /** Where it differs from the Compose Specification. */
  readonly schemaProblems: readonly SchemaProblem[];
  readonly references: readonly Reference[];
  /** The files that belong to it. */
  readonly project: Project;
  readonly dclint: DclintConfig;
}

export function readCompose(source: Source): ComposeDocument {
  const tree = parseCompose(source.text);
  const services = entriesOf(valueAt(tree.root, 'services')).filter(({ key }) => !key.startsWith('x-'));
  let schemaProblems: readonly SchemaProblem[] | undefined;
  let references: readonly Reference[] | undefined;
  let project: Project | undefined;
  let dclint: DclintConfig | undefined;
  return {
    source,
    text: source.text,
    tree,
    root: tree.root,
    services,
    get schemaProblems() {
      schemaProblems ??= problemsOf(tree);
      return schemaProblems;
    },
    get references() {
      references ??= referencesIn(services);
      return references;
    },
    get project() {
      project ??= readProject(source, tree);
      return project;
    },
    get dclint() {
      dclint ??= readDclintConfig(source);
      return dclint;
    },
  };
}

function problemsOf({ root, problems }: ComposeTree): readonly SchemaProblem[] {
  const isEmpty =
    root === undefined ||
    (root.kind === 'map' && root.entries.length === 0) ||
    (root.kind === 'scalar' && root.span.start === root.span.end);
  if (!isEmpty) return validate(root, COMPOSE_FILE);
  return problems.length > 0 ? [] : [{ code: 'missing-key', span: spanOf(0, 0), message: 'empty compose file' }];
}
