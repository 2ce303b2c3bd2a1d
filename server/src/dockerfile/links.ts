import type { DocumentLink } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { imagePage } from './image-page.ts';

export function links({ stages }: DockerfileDocument): DocumentLink[] {
  return stages.flatMap(({ image, base }) => {
    const target = image === undefined || base !== undefined ? undefined : imagePage(image.text);
    return image === undefined || target === undefined
      ? []
      : [{ span: image.span, target, tooltip: 'About this image' }];
  });
}
