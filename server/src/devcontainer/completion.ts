import { getLocation, type Location as JsonLocation } from 'jsonc-parser';
import { parseCompose } from '#model/compose/parse.ts';
import { entriesOf, valueAt } from '#model/compose/tree.ts';
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { stagesOf } from '#model/dockerfile/syntax/stages.ts';
import { spanOf } from '#model/text/span.ts';
import { completePaths } from '../dockerfile/complete-paths.ts';
import type { Completion, ImageQuery } from '../language.ts';
import { folderOf } from '../paths.ts';
import type { DevContainerDocument } from './document.ts';
import { featureId } from './feature-id.ts';
import { fileMentions } from './file-mentions.ts';
import { KNOWN_FEATURES } from './known-features.ts';
import { infoAt, PROPERTY_INFO, VARIABLES } from './properties.ts';

export const TRIGGER_CHARACTERS = ['"', ':', '$', '{', '/'];

/** Ways to the container: of these there is one. */
const SOURCES: ReadonlySet<string> = new Set(['image', 'build', 'dockerFile', 'dockerComposeFile']);
const OLD: ReadonlySet<string> = new Set(['dockerFile', 'context', 'appPort']);

export function complete(document: DevContainerDocument, offset: number): Completion[] {
  const { text, tooDeep } = document;
  if (tooDeep) return [];
  const variable = /\$\{([\w:]*)$/.exec(text.slice(Math.max(0, offset - 100), offset));
  if (variable !== null) return variables(text, offset, variable[1] ?? '');
  const location = getLocation(text, offset);
  if (location.isAtPropertyKey) return keys(document, location, offset);
  return values(document, location, offset);
}

function variables(text: string, offset: number, written: string): Completion[] {
  const span = spanOf(offset - written.length, offset);
  return [...VARIABLES].map(([label, documentation]) => {
    const close = text[offset] === '}' || label.endsWith(':') ? '' : '}';
    return { label, kind: 'variable', documentation, span, text: label + close };
  });
}

function keys(document: DevContainerDocument, { path }: JsonLocation, offset: number): Completion[] {
  const parent = path.slice(0, -1);
  const info = infoAt(parent);
  const node = parent.length === 0 ? document.tree : document.nodeAt(...parent);
  const own = node?.children?.find(({ offset: start, length }) => offset >= start && offset <= start + length);
  const used = new Set(
    node?.children?.filter((one) => one !== own).map(({ children }) => String(children?.[0]?.value ?? '')),
  );
  const hasSource = parent.length === 0 && [...SOURCES].some((name) => used.has(name));
  const { start, end, hasValue } = keyAround(document.text, offset);
  if (parent.join('.') === 'features') {
    return [...KNOWN_FEATURES]
      .filter(([id]) => ![...used].some((reference) => featureId(reference) === id))
      .map(([, { reference, documentation }]) => ({
        label: reference,
        kind: 'value',
        documentation,
        span: spanOf(start, end),
        text: hasValue ? `"${reference}"` : `"${reference}": {$0}`,
        snippet: !hasValue,
        filter: `"${reference}"`,
      }));
  }
  return Object.entries(info?.properties ?? {})
    .filter(([name]) => !used.has(name) && !(hasSource && SOURCES.has(name)))
    .map(([name, { documentation, value }]) => ({
      label: name,
      kind: 'property',
      documentation,
      span: spanOf(start, end),
      text: hasValue ? `"${name}"` : `"${name.replaceAll('$', '\\$')}": ${value}`,
      snippet: !hasValue,
      filter: `"${name}"`,
      continues: !hasValue,
      ...(OLD.has(name) ? { deprecated: true, rank: 1 } : {}),
    }));
}

/** The key that is being written, with its quotes as far as they are there. */
function keyAround(text: string, offset: number): { start: number; end: number; hasValue: boolean } {
  const before = /"?[\w$./:@-]*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[0] ?? '';
  const after = /^[\w$./:@-]*"?/.exec(text.slice(offset, offset + 200))?.[0] ?? '';
  const start = offset - before.length;
  const end = before.startsWith('"') ? offset + after.length : offset + after.replace('"', '').length;
  return { start, end, hasValue: /^\s*:/.test(text.slice(end, end + 50)) };
}

function values(document: DevContainerDocument, { path, previousNode }: JsonLocation, offset: number): Completion[] {
  const isString = previousNode?.type === 'string' && offset > previousNode.offset;
  const key = path.filter((step) => typeof step === 'string').join('.');
  if (isString) {
    const start = previousNode.offset + 1;
    const end = Math.max(start, previousNode.offset + previousNode.length - 1);
    const named = namesFor(document, key);
    if (named !== undefined) {
      return named.map((text) => ({ label: text, kind: 'reference', span: spanOf(start, end), text }));
    }
    const paths = pathsFor(document, key, document.text.slice(start, offset), spanOf(start, Math.max(start, end)));
    if (paths !== undefined) return paths;
  }
  const span = isString
    ? spanOf(previousNode.offset, previousNode.offset + previousNode.length)
    : wordAround(document.text, offset);
  return (infoAt(path)?.values ?? []).map((text, rank) => ({ label: text, kind: 'value', span, text, rank }));
}

function wordAround(text: string, offset: number): { start: number; end: number } {
  const before = /\w*$/.exec(text.slice(Math.max(0, offset - 100), offset))?.[0].length ?? 0;
  const after = /^\w*/.exec(text.slice(offset, offset + 100))?.[0].length ?? 0;
  return spanOf(offset - before, offset + after);
}

/** Stages of the Dockerfile, services of the Compose files. */
function namesFor(document: DevContainerDocument, key: string): string[] | undefined {
  const read = (what: string): string[] =>
    fileMentions(document)
      .filter((one) => one.what === what)
      .flatMap(({ path }) => document.source.files.read(path) ?? []);
  if (key === 'build.target') {
    return read('build.dockerfile').flatMap((text) =>
      stagesOf(parseDockerfile(text)).stages.flatMap(({ name }) => name?.text ?? []),
    );
  }
  if (key === 'overrideFeatureInstallOrder') {
    return (document.nodeAt('features')?.children ?? []).map(({ children }) =>
      featureId(String(children?.[0]?.value ?? '')),
    );
  }
  if (key !== 'service' && key !== 'runServices') return undefined;
  const names = read('dockerComposeFile').flatMap((text) =>
    entriesOf(valueAt(parseCompose(text).root, 'services')).map((entry) => entry.key),
  );
  return [...new Set(names)];
}

const PATHS: ReadonlySet<string> = new Set([
  'build.dockerfile',
  'build.context',
  'dockerFile',
  'context',
  'dockerComposeFile',
]);

function pathsFor(
  { source }: DevContainerDocument,
  key: string,
  written: string,
  span: { start: number; end: number },
): Completion[] | undefined {
  if (!PATHS.has(key) || source.path === undefined) return undefined;
  const above: Completion[] = /^\.{0,2}$/.test(written)
    ? [{ label: '../', kind: 'folder', span, text: '../', continues: true }]
    : [];
  return [...completePaths(source, folderOf(source.path), written, span), ...above];
}

/** Behind `"image": "`. */
export function imageAt({ text, tree, tooDeep }: DevContainerDocument, offset: number): ImageQuery | undefined {
  if (tree === undefined || tooDeep) return undefined;
  const { path, previousNode } = getLocation(text, offset);
  if (path.join('.') !== 'image' || previousNode?.type !== 'string' || offset <= previousNode.offset) return undefined;
  const start = previousNode.offset + 1;
  const prefix = text.slice(start, offset);
  const tagAt = prefix.lastIndexOf(':') > prefix.lastIndexOf('/') ? prefix.lastIndexOf(':') + 1 : 0;
  return {
    prefix,
    span: spanOf(start + tagAt, Math.max(start + tagAt, previousNode.offset + previousNode.length - 1)),
  };
}

/** Names of all properties, for "did you mean". */
export const PROPERTY_NAMES: readonly string[] = Object.keys(PROPERTY_INFO);
