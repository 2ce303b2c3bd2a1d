import { pathToFileURL } from 'node:url';
import { textAt, valueAt } from '#model/compose/tree.ts';
import { imagePage } from '../dockerfile/image-page.ts';
import type { DocumentLink } from '../language.ts';
import type { ComposeDocument } from './document.ts';
import { fileMentions } from './file-mentions.ts';

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
  return [...images, ...files];
}
