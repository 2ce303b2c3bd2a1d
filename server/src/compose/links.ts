import { pathToFileURL } from 'node:url';
import { textAt, valueAt } from '#model/compose/tree.ts';
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

/** Pages of images, and the files that are named. */
export function links(document: ComposeDocument): DocumentLink[] {
  const images = document.services.flatMap(({ value, merged }) => {
    const image = merged ? undefined : valueAt(value, 'image');
    const target = imagePage(textAt(image) ?? '$');
    return image === undefined || target === undefined
      ? []
      : [{ span: image.span, target, tooltip: 'About this image' }];
  });
  const files = fileMentions(document).flatMap(({ path, span, kind }) => {
    if (kind === 'folder' || document.source.files.kind(path) !== 'file') return [];
    return [{ span, target: pathToFileURL(path).href, tooltip: 'Open this file' }];
  });
  return [...images, ...files, ...defaultDockerfiles(document)];
}
