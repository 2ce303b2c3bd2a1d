import type { CodeLens } from '../language.ts';
import type { DockerfileDocument } from './document.ts';

/** The client's command that builds the Dockerfile up to a stage: arguments are its URI and the stage's name or number. */
const BUILD_STAGE = 'slipway.buildStage';

export function lenses({ stages, source }: DockerfileDocument): CodeLens[] {
  return stages.map(({ from, name, index }, i) => ({
    span: from.nameSpan,
    title: i === stages.length - 1 ? '$(tools) Build image' : '$(tools) Build this stage',
    command: BUILD_STAGE,
    arguments: [source.uri, name?.text ?? String(index)],
  }));
}
