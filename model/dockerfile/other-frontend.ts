import type { DockerfileTree } from '#model/dockerfile/syntax/tree.ts';

/**
 * The image that `# syntax=` names where it is another frontend than docker/dockerfile, or a copy of that: such a file may
 * have instructions that no Dockerfile has, or be none at all.
 */
export function otherFrontend({ directives }: Pick<DockerfileTree, 'directives'>): string | undefined {
  const [image = ''] = directives.find(({ name }) => name === 'syntax')?.value.split(' ') ?? [];
  if (image === '' || image.includes('$')) return undefined;
  const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  return /(?:^|\/)dockerfile(?:-upstream)?$/.test(repository) ? undefined : image;
}
