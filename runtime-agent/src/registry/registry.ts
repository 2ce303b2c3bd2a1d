/** Registries: which endpoint serves a reference, and a repository on it. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ImageReference } from '#model/oci/reference.ts';
import type { RegistryCredentials } from './credentials.ts';
import { type Endpoint, type EndpointOptions, endpointsOf } from './endpoints.ts';
import { type FetchedManifest, type KeptManifests, openRepository, type Repository } from './repository.ts';
import { answerOf } from './registry-error.ts';
import type { Transport } from './transport.ts';

export interface Found extends FetchedManifest {
  /** Where the manifest came from: its blobs are there. */
  readonly repository: Repository;
  /** Looks at the endpoints after this one; undefined when it was the last. */
  readonly fallback: (() => Promise<Found>) | undefined;
}

export interface Registry {
  /**
   * The manifest of `reference` (tag or digest) from the first endpoint that has it; see Repository.manifest. Throws EngineError: 'not-found',
   * 'forbidden' (also where the registry hides that it is not there), 'unauthorized', 'unavailable'.
   */
  find(
    reference: ImageReference,
    credentials?: RegistryCredentials,
    signal?: AbortSignal,
    kept?: KeptManifests,
  ): Promise<Found>;
  /** The tags of the repository, from the first endpoint that has it. Throws like `find`. */
  tags(reference: ImageReference, credentials?: RegistryCredentials, signal?: AbortSignal): Promise<string[]>;
  /** The repository at the registry itself, for pushing. */
  open(reference: ImageReference, credentials?: RegistryCredentials, signal?: AbortSignal): Promise<Repository>;
}

interface Wanted {
  readonly reference: ImageReference;
  readonly credentials: RegistryCredentials | undefined;
  readonly signal: AbortSignal | undefined;
  readonly kept?: KeptManifests | undefined;
}

export interface RegistryDependencies extends EndpointOptions {
  readonly transport: Transport;
}

export function createRegistry({ transport, ...options }: RegistryDependencies): Registry {
  const speaksTls = new Map<string, boolean>();
  const open = async (
    endpoint: Endpoint,
    reference: ImageReference,
    credentials: RegistryCredentials,
    signal?: AbortSignal,
  ): Promise<Repository> => {
    const reached = await reach(transport, endpoint, speaksTls, signal);
    return openRepository({ transport, endpoint: reached, path: reference.path, credentials });
  };
  /** Asks one endpoint after another until one can answer. */
  const firstOf = async <T>(
    { reference, credentials = {}, signal }: Wanted,
    endpoints: readonly Endpoint[],
    ask: (repository: Repository, others: readonly Endpoint[]) => Promise<T>,
  ): Promise<T> => {
    const failures: EngineError[] = [];
    for (const [i, endpoint] of endpoints.entries()) {
      try {
        // A mirror is not the registry that the credentials are for.
        const repository = await open(endpoint, reference, endpoint.mirror ? {} : credentials, signal);
        return await ask(repository, endpoints.slice(i + 1));
      } catch (error) {
        if (!(error instanceof EngineError) || error.code === 'cancelled' || signal?.aborted) throw error;
        failures.push(error);
      }
    }
    throw combined(failures);
  };
  const find = (wanted: Wanted, endpoints: readonly Endpoint[]): Promise<Found> =>
    firstOf(wanted, endpoints, async (repository, others) => {
      const { reference, signal, kept } = wanted;
      const { digest, tag = 'latest' } = reference;
      const found = await repository.manifest(digest ?? tag, signal, digest === undefined ? kept : undefined);
      return { ...found, repository, fallback: others.length === 0 ? undefined : () => find(wanted, others) };
    });
  return {
    find: (reference, credentials, signal, kept) =>
      find({ reference, credentials, signal, kept }, endpointsOf(reference.domain, options)),
    tags: (reference, credentials, signal) =>
      firstOf({ reference, credentials, signal }, endpointsOf(reference.domain, options), (repository) =>
        repository.tags(signal),
      ),
    async open(reference, credentials = {}, signal) {
      const endpoint = endpointsOf(reference.domain, options).at(-1) as Endpoint;
      if (endpoint.plainBase === undefined) await ping(transport, endpoint, signal);
      return await open(endpoint, reference, credentials, signal);
    },
  };
}

/** Whatever it answers, there is somebody. */
async function ping(transport: Transport, { base, insecure }: Endpoint, signal?: AbortSignal): Promise<void> {
  const request = { method: 'GET', url: new URL(`${base}/v2/`), insecure } as const;
  const response = await transport.send(signal === undefined ? request : { ...request, signal });
  response.resume();
}

/** Insecure registries are tried with TLS first, then without; the outcome is remembered. */
async function reach(
  transport: Transport,
  endpoint: Endpoint,
  speaksTls: Map<string, boolean>,
  signal?: AbortSignal,
): Promise<Endpoint> {
  const { base, plainBase } = endpoint;
  if (plainBase === undefined) return endpoint;
  const plain = { ...endpoint, base: plainBase };
  const known = speaksTls.get(base);
  if (known !== undefined) return known ? endpoint : plain;
  try {
    await ping(transport, endpoint, signal);
    speaksTls.set(base, true);
    return endpoint;
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'unavailable' || signal?.aborted) throw error;
    await ping(transport, plain, signal);
    speaksTls.set(base, false);
    return plain;
  }
}

/** The registry's own answer counts; where it could not be asked, what a mirror said does, with the reason. */
function combined(failures: readonly EngineError[]): EngineError {
  const last = failures.at(-1) as EngineError;
  const answer = failures.findLast((error) => answerOf(error) !== undefined && error.code !== 'unavailable');
  if (answer === undefined || answer === last) return last;
  return new EngineError(answer.code, `${answer.message} (asked only the mirror: ${last.message})`, {
    cause: answerOf(answer),
  });
}
