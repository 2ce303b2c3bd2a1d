import type { CodeLens } from '../language.ts';
import type { DockerfileDocument } from './document.ts';

/**
 * The client's command that builds the Dockerfile up to a stage: arguments are its URI, the stage's name or number, and
 * whether it is the last one.
 */
const BUILD_STAGE = 'slipway.buildStage';

export function lenses({ stages, source }: DockerfileDocument): CodeLens[] {
  return stages.map(({ from, name, index }, i) => {
    const isLast = i === stages.length - 1;
    return {
      span: from.nameSpan,
      title: isLast ? 'Build image' : 'Build this stage',
      icon: 'tools',
      command: BUILD_STAGE,
      arguments: [source.uri, name?.text ?? String(index), isLast],
    };
  });
}
