import { EngineError } from '#model/engine-api/errors.ts';
import { familiarName, familiarReference, type ImageReference } from '#model/oci/reference.ts';
import { answerOf } from '../registry/registry-error.ts';

/** What a registry has refused of an image, in Docker's words; other errors as they are. */
export function pullRefusal(reference: ImageReference, error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const { message } = error;
  const { code: said = '', bare = false } = answerOf(error) ?? {};
  const refused = (what: string): EngineError => new EngineError('not-found', `${what}: ${message}`, { cause: error });
  if (said === 'MANIFEST_UNKNOWN') return refused(`manifest for ${familiarReference(reference)} not found`);
  if (said === 'NAME_UNKNOWN') return refused(`repository ${familiarName(reference)} not found`);
  if (said === 'DENIED') {
    const advice = `repository does not exist or may require 'docker login'`;
    const text = `pull access denied for ${familiarName(reference)}, ${advice}`;
    return bare ? new EngineError('forbidden', `${text}: ${message}`, { cause: error }) : refused(text);
  }
  return error;
}

/** The same for the look-up of a name. A registry that cannot be reached is a failure of the engine's, as with dockerd. */
export function lookUpFailure(reference: ImageReference, error: unknown): unknown {
  if (!(error instanceof EngineError) || error.code !== 'unavailable') return pullRefusal(reference, error);
  return new EngineError('internal', error.message, { cause: error });
}
