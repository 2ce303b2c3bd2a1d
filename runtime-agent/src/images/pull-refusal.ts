import { EngineError } from '#model/engine-api/errors.ts';
import { familiarName, familiarReference, type ImageReference } from '#model/oci/reference.ts';
import { answerOf } from '../registry/registry-error.ts';

/** Why a name could not be looked up, or its parts not be had, in Docker's words. */
export function pullRefusal(reference: ImageReference, error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const { code, message } = error;
  const { code: said = '', bare = false } = answerOf(error) ?? {};
  const refused = (what: string): EngineError => new EngineError('not-found', `${what}: ${message}`, { cause: error });
  if (said === 'MANIFEST_UNKNOWN') return refused(`manifest for ${familiarReference(reference)} not found`);
  if (said === 'NAME_UNKNOWN') return refused(`repository ${familiarName(reference)} not found`);
  if (said === 'DENIED') {
    const advice = `repository does not exist or may require 'docker login'`;
    const text = `pull access denied for ${familiarName(reference)}, ${advice}`;
    return bare ? new EngineError('forbidden', `${text}: ${message}`, { cause: error }) : refused(text);
  }
  return code === 'unavailable' ? new EngineError('internal', message, { cause: error }) : error;
}
