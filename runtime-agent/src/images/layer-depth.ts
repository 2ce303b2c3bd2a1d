import { EngineError } from '#model/engine-api/errors.ts';

/** What one mount takes for sure: overlayfs stacks 500, and their names have to fit a page. Docker's own limit is 125. */
const MOST_LAYERS = 400;

/** Throws EngineError('invalid') in Docker's words for an image that no container could be made of. */
export function checkDepth(layers: readonly string[]): void {
  if (layers.length <= MOST_LAYERS) return;
  throw new EngineError(
    'invalid',
    `max depth exceeded: ${layers.length} layers, of which ${MOST_LAYERS} can be mounted`,
  );
}
