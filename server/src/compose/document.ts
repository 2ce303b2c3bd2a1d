import { parseCompose } from '#model/compose/parse.ts';
import { COMPOSE_FILE } from '#model/compose/schema/compose-file.ts';
import { type SchemaProblem, validate } from '#model/compose/validate.ts';
import { type ComposeNode, type ComposeTree, type Entry, entriesOf, valueAt } from '#model/compose/tree.ts';
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
      schemaProblems ??= tree.root === undefined ? [] : validate(tree.root, COMPOSE_FILE);
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
