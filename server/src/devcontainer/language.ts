import { getLocation, type Node } from 'jsonc-parser';
import { pathToFileURL } from 'node:url';
import { parseCompose } from '#model/compose/parse.ts';
import { entryOf, valueAt } from '#model/compose/tree.ts';
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { stagesOf } from '#model/dockerfile/syntax/stages.ts';
import { spanOf, touches } from '#model/text/span.ts';
import { imagePage } from '../dockerfile/image-page.ts';
import type { DocumentLink, DocumentSymbol, Hover, Language, Location } from '../language.ts';
import { runRules } from '../lint/run-rules.ts';
import { DEVCONTAINER_RULES } from '../rules/devcontainer/devcontainer-rules.ts';
import { nestedSpans } from '../selection.ts';
import { complete, imageAt, TRIGGER_CHARACTERS } from './completion.ts';
import { type DevContainerDocument, readDevContainer } from './document.ts';
import { featureId } from './feature-id.ts';
import { fileMentions, insideQuotes } from './file-mentions.ts';
import { KNOWN_FEATURES } from './known-features.ts';
import { infoAt, VARIABLES } from './properties.ts';

export const DEVCONTAINER: Language<DevContainerDocument> = {
  name: 'devcontainer',
  owns: (languageId, uri) => ['', 'json', 'jsonc'].includes(languageId) && /[\\/]\.?devcontainer\.json$/.test(uri),
  parse: readDevContainer,
  diagnose: (document, settings) =>
    runRules(DEVCONTAINER_RULES, document, settings, () => false, document.source.ruleFailed),
  completion: { triggerCharacters: TRIGGER_CHARACTERS, complete, imageAt },
  hover,
  definition,
  symbols: ({ tree }) => (tree === undefined ? [] : symbolsOf(tree)),
  selection: ({ tree }, offset) => nestedSpans(spansOf(tree), offset),
  links,
};

function hover({ text, tooDeep }: DevContainerDocument, offset: number): Hover | undefined {
  if (tooDeep) return undefined;
  for (const { index, 0: whole, 1: name = '' } of text.matchAll(/\$\{(\w+:?)[^{}]*\}/g)) {
    const documentation = VARIABLES.get(name);
    const span = spanOf(index, index + whole.length);
    if (documentation !== undefined && touches(span, offset))
      return { span, markdown: `\`${whole}\`: ${documentation}` };
  }
  const { isAtPropertyKey, path, previousNode } = getLocation(text, offset);
  const feature =
    path[0] === 'features' && path.length === 2 ? KNOWN_FEATURES.get(featureId(String(path[1]))) : undefined;
  if (feature !== undefined && isAtPropertyKey && previousNode !== undefined) {
    const span = spanOf(previousNode.offset, previousNode.offset + previousNode.length);
    return { span, markdown: feature.documentation };
  }
  const info = infoAt(path);
  if (!isAtPropertyKey || previousNode === undefined || info === undefined || info.documentation === '')
    return undefined;
  const span = spanOf(previousNode.offset, previousNode.offset + previousNode.length);
  return { span, markdown: `\`${path.join('.')}\`: ${info.documentation}` };
}

/** Files, the stage that is built, the service that is worked in. */
function definition(document: DevContainerDocument, offset: number): Location[] {
  const { files } = document.source;
  const mentions = fileMentions(document);
  const mention = mentions.find(({ span }) => touches(span, offset));
  if (mention !== undefined) {
    const isThere = files.kind(mention.path) === 'file';
    return isThere ? [{ uri: pathToFileURL(mention.path).href, text: '', span: spanOf(0, 0) }] : [];
  }
  const isAt = (node: Node | undefined): boolean => node !== undefined && touches(insideQuotes(node), offset);
  const inFiles = (what: string, find: (text: string) => { start: number; end: number } | undefined): Location[] =>
    mentions.flatMap((one) => {
      const text = one.what === what ? files.read(one.path) : undefined;
      const span = text === undefined ? undefined : find(text);
      return text === undefined || span === undefined ? [] : [{ uri: pathToFileURL(one.path).href, text, span }];
    });
  const target = document.textAt('build', 'target');
  if (target !== undefined && isAt(document.nodeAt('build', 'target'))) {
    return inFiles('build.dockerfile', (text) => {
      const { stages } = stagesOf(parseDockerfile(text));
      return stages.findLast(({ name }) => name?.text.toLowerCase() === target.toLowerCase())?.name?.span;
    });
  }
  const services = [document.nodeAt('service'), ...(document.nodeAt('runServices')?.children ?? [])];
  const service: unknown = services.find(isAt)?.value;
  if (typeof service !== 'string') return [];
  return inFiles(
    'dockerComposeFile',
    (text) => entryOf(valueAt(parseCompose(text).root, 'services'), service)?.keySpan,
  );
}

function links(document: DevContainerDocument): DocumentLink[] {
  const image = document.nodeAt('image');
  const page = imagePage(document.textAt('image') ?? '$');
  const ofImage =
    image === undefined || page === undefined
      ? []
      : [{ span: insideQuotes(image), target: page, tooltip: 'About this image' }];
  const ofFiles = fileMentions(document)
    .filter(({ path, kind }) => kind === 'file' && document.source.files.kind(path) === 'file')
    .map(({ path, span }) => ({ span, target: pathToFileURL(path).href, tooltip: 'Open this file' }));
  return [...ofImage, ...ofFiles];
}

function symbolsOf(node: Node): DocumentSymbol[] {
  if (node.type !== 'object') return [];
  return (node.children ?? []).flatMap(({ offset, length, children }) => {
    const [key, value] = children ?? [];
    if (key === undefined) return [];
    const plain: unknown = value?.value;
    return {
      name: String(key.value),
      detail: typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean' ? String(plain) : '',
      kind: 'key' as const,
      span: spanOf(offset, offset + length),
      nameSpan: spanOf(key.offset, key.offset + key.length),
      children: value === undefined ? [] : symbolsOf(value),
    };
  });
}

function* spansOf(node: Node | undefined): Generator<{ start: number; end: number }> {
  if (node === undefined) return;
  if (node.type === 'string') yield insideQuotes(node);
  yield spanOf(node.offset, node.offset + node.length);
  for (const child of node.children ?? []) yield* spansOf(child);
}
