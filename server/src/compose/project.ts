/** The files beside a Compose file that make one project with it: base, override, includes, `.env`. */
import { parseEnvFile } from '#model/compose/env-file.ts';
import { parseCompose } from '#model/compose/parse.ts';
import { type ComposeNode, type ComposeTree, entriesOf, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import type { Source } from '../language.ts';
import { folderOf, resolvePath } from '../paths.ts';

export type Section = 'services' | 'networks' | 'volumes' | 'secrets' | 'configs' | 'models';

export interface ProjectFile {
  readonly path: string;
  readonly tree: ComposeTree;
}

export interface EnvVariable {
  readonly value: string | undefined;
  readonly path: string;
  readonly nameSpan: Span;
}

export interface Project {
  /** It is merged over another file: what it says of a service is not all there is. */
  readonly isOverlay: boolean;
  /** False when something that it includes is not at hand, so nothing can be called undefined. */
  readonly isComplete: boolean;
  /** Without the document itself, the nearest first. */
  readonly files: readonly ProjectFile[];
  readonly env: ReadonlyMap<string, EnvVariable>;
}

const BASE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const OVERRIDE = /[.-]override\.ya?ml$/;
const MAX_FILES = 50;

export function readProject(source: Source, tree: ComposeTree): Project {
  const { path } = source;
  if (path === undefined) return { isOverlay: false, isComplete: true, files: [], env: new Map() };
  const folder = folderOf(path);
  const name = path.slice(folder.length).replace(/^[\\/]/, '');
  const siblings = BASE_NAMES.includes(name) ? overridesOf(name) : BASE_NAMES;
  const found = new Map<string, ProjectFile>();
  let isComplete = true;

  const add = (file: string): void => {
    if (found.has(file) || file === path || found.size >= MAX_FILES) return;
    const text = source.files.read(file);
    if (text === undefined) return;
    const read = { path: file, tree: parseCompose(text) };
    found.set(file, read);
    addIncludes(read);
  };
  const addIncludes = (file: ProjectFile): void => {
    for (const included of includesOf(file.tree.root)) {
      if (/\$|^[a-z]+:\/\/|^oci:|\.git\b|^git@/.test(included)) isComplete = false;
      else {
        const target = resolvePath(folderOf(file.path), included);
        if (source.files.kind(target) === undefined) isComplete = false;
        add(target);
      }
    }
  };

  const base = siblings.map((sibling) => `${folder}/${sibling}`).find((file) => source.files.kind(file) === 'file');
  if (base !== undefined) add(base);
  addIncludes({ path, tree });
  const isOverlay = !BASE_NAMES.includes(name) && (base !== undefined || OVERRIDE.test(name));
  return {
    isOverlay,
    isComplete: isComplete && (!OVERRIDE.test(name) || base !== undefined),
    files: [...found.values()],
    env: readEnv(source, folder),
  };
}

function overridesOf(name: string): string[] {
  const stem = name.replace(/\.ya?ml$/, '');
  return [`${stem}.override.yaml`, `${stem}.override.yml`];
}

/** Paths of the files that the file includes. */
function includesOf(root: ComposeNode | undefined): string[] {
  return itemsOf(valueAt(root, 'include')).flatMap((item) => {
    const path = item.kind === 'map' ? valueAt(item, 'path') : item;
    return path?.kind === 'list' ? path.items.flatMap((one) => textAt(one) ?? []) : (textAt(path) ?? []);
  });
}

function readEnv({ files }: Source, folder: string): Map<string, EnvVariable> {
  const path = `${folder}/.env`;
  const text = files.read(path);
  const entries = text === undefined ? [] : parseEnvFile(text);
  return new Map(entries.map(({ name, value, nameSpan }) => [name, { value, path, nameSpan }]));
}

/** What is defined in the section, in this file and those of its project. */
export function namesIn(root: ComposeNode | undefined, project: Project, section: Section): Set<string> {
  const names = new Set<string>();
  for (const one of [root, ...project.files.map(({ tree }) => tree.root)]) {
    for (const { key } of entriesOf(valueAt(one, section))) if (!key.startsWith('x-')) names.add(key);
  }
  if (section === 'networks') names.add('default');
  return names;
}
