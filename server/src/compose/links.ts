import { pathToFileURL } from 'node:url';
import { entriesOf, textAt, valueAt } from '#model/compose/tree.ts';
import { type Span, spanOf } from '#model/text/span.ts';
import { imagePage } from '../dockerfile/image-page.ts';
import { folderOf, resolvePath } from '../paths.ts';
import type { DocumentLink } from '../language.ts';
import type { ComposeDocument } from './document.ts';
import { fileMentions } from './file-mentions.ts';

/** From a build's context to the Dockerfile in it, where none is named. */
function defaultDockerfiles({ services, source }: ComposeDocument): DocumentLink[] {
  return services.flatMap(({ value, merged }) => {
    const build = merged ? undefined : valueAt(value, 'build');
    const context = build?.kind === 'map' ? valueAt(build, 'context') : build;
    const folder = textAt(context);
    const isNamed = ['dockerfile', 'dockerfile_inline'].some((key) => valueAt(build, key) !== undefined);
    if (context === undefined || folder === undefined || isNamed || source.path === undefined) return [];
    const path = resolvePath(resolvePath(folderOf(source.path), folder), 'Dockerfile');
    if (source.files.kind(path) !== 'file') return [];
    return [{ span: context.span, target: pathToFileURL(path).href, tooltip: 'Open its Dockerfile' }];
  });
}

/** Pages of images and models, and the files that are named: what an alias brings has one link, where it stands. */
export function links(document: ComposeDocument): DocumentLink[] {
  const found = [...pages(document), ...namedFiles(document), ...defaultDockerfiles(document)];
  const byPlace = new Map(found.map((link) => [link.span.start, link]));
  return [...byPlace.values()].map((link) => ({ ...link, span: inQuotes(document, link.span) }));
}

function inQuotes({ text }: ComposeDocument, { start, end }: Span): Span {
  const isQuoted = end - start > 1 && /["']/.test(text[start] ?? '') && text[end - 1] === text[start];
  return isQuoted ? spanOf(start + 1, end - 1) : spanOf(start, end);
}

function pages(document: ComposeDocument): DocumentLink[] {
  const images = document.services.flatMap(({ value, merged }) => {
    const image = merged ? undefined : valueAt(value, 'image');
    const target = imagePage(textAt(image) ?? '$');
    return image === undefined || target === undefined
      ? []
      : [{ span: image.span, target, tooltip: 'About this image' }];
  });
  const models = entriesOf(valueAt(document.root, 'models')).flatMap(({ value }) => {
    const model = valueAt(value, 'model');
    const target = modelPage(textAt(model) ?? '$');
    return model === undefined || target === undefined
      ? []
      : [{ span: model.span, target, tooltip: 'About this model' }];
  });
  return [...images, ...models];
}

/** Models come as images from registries, and from Hugging Face. */
function modelPage(name: string): string | undefined {
  const [, repository] = /^(?:hf\.co|huggingface\.co)\/([\w.-]+\/[\w.-]+)(?::[\w.-]+)?$/i.exec(name) ?? [];
  return repository === undefined ? imagePage(name) : `https://huggingface.co/${repository}`;
}

function namedFiles(document: ComposeDocument): DocumentLink[] {
  return fileMentions(document).flatMap(({ path, span, kind }) => {
    if (kind === 'folder' || document.source.files.kind(path) !== 'file') return [];
    return [{ span, target: pathToFileURL(path).href, tooltip: 'Open this file' }];
  });
}
