/** The places outside of a Dockerfile that name its stages: `build.target` of Compose files and devcontainer.json. */
import { pathToFileURL } from 'node:url';
import { parseTree, findNodeAtLocation } from 'jsonc-parser';
import { parseCompose } from '#model/compose/parse.ts';
import { type ComposeNode, entriesOf, textAt, valueAt } from '#model/compose/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import type { Location, Source } from '../language.ts';
import { folderOf, resolvePath } from '../paths.ts';

/** A place that names a stage of a Dockerfile. */
export interface StageTarget {
  readonly name: string;
  readonly span: Span;
  /** The Dockerfile's path. */
  readonly dockerfile: string;
}

const NEAR = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml', 'compose.override.yaml'];
const LEVELS_UP = 3;

/** In all files of the workspace; without one, in the files that usually lie beside the Dockerfile or above it. */
export function targetsElsewhere(source: Source, stage: string): Location[] {
  const { path, files } = source;
  if (path === undefined) return [];
  const workspace = source.workspace?.() ?? [];
  const found: Location[] = [];
  for (const file of workspace.length > 0 ? workspace : nearby(folderOf(path))) {
    const isJson = file.endsWith('.json');
    if (!isJson && !/\.ya?ml$/.test(file)) continue;
    const text = files.read(file);
    if (text === undefined || !text.includes('target')) continue;
    const targets = isJson ? targetOfDevContainer(text, file) : targetsOfCompose(parseCompose(text).root, file);
    for (const { name, span, dockerfile } of targets) {
      if (dockerfile !== path || name.toLowerCase() !== stage.toLowerCase()) continue;
      found.push({ uri: pathToFileURL(file).href, text, span });
    }
  }
  return found;
}

function nearby(start: string): string[] {
  const found: string[] = [];
  for (let folder = start, level = 0; level < LEVELS_UP && folder !== ''; folder = folderOf(folder), level++) {
    found.push(...NEAR.map((name) => `${folder}/${name}`), `${folder}/.devcontainer/devcontainer.json`);
  }
  return found;
}

/** @param path of the Compose file */
export function targetsOfCompose(root: ComposeNode | undefined, path: string): StageTarget[] {
  return entriesOf(valueAt(root, 'services')).flatMap(({ value, merged }) => {
    const build = merged ? undefined : valueAt(value, 'build');
    const target = valueAt(build, 'target');
    const name = textAt(target);
    if (target?.kind !== 'scalar' || name === undefined || valueAt(build, 'dockerfile_inline') !== undefined) return [];
    const context = resolvePath(folderOf(path), textAt(valueAt(build, 'context')) ?? '.');
    const dockerfile = resolvePath(context, textAt(valueAt(build, 'dockerfile')) ?? 'Dockerfile');
    const margin = target.style === 'quoted' ? 1 : 0;
    return [{ name, span: spanOf(target.span.start + margin, target.span.end - margin), dockerfile }];
  });
}

/** @param path of the devcontainer.json */
export function targetOfDevContainer(text: string, path: string): StageTarget[] {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (tree === undefined) return [];
  const target = findNodeAtLocation(tree, ['build', 'target']);
  const file: unknown = findNodeAtLocation(tree, ['build', 'dockerfile'])?.value;
  const name: unknown = target?.value;
  if (target === undefined || typeof name !== 'string' || typeof file !== 'string') return [];
  const span = spanOf(target.offset + 1, target.offset + target.length - 1);
  return [{ name, span, dockerfile: resolvePath(folderOf(path), file) }];
}
