/** Pulls and pushes images and tells how far it is, over all layers. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from './engine-connection.ts';
import { jsonLines } from './json-lines.ts';
import { loginHeaders } from './registry-login.ts';

interface PullMessage {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

export interface PullOptions {
  readonly report: (message: string, percent?: number) => void;
  readonly signal: AbortSignal;
}

/**
 * @throws EngineError `not-found` that says what to do, with the engine's own words as its cause
 * @param reference name with tag or digest; `latest` when there is neither
 */
export async function pullImage(
  connection: Pick<EngineConnection, 'stream'>,
  reference: string,
  { report, signal }: PullOptions,
): Promise<void> {
  const query = splitReference(reference);
  try {
    await transfer(connection, reference, '/images/create', { query, report, signal });
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not-found') throw noSuchImage(reference, error);
    throw failure(`${reference} could not be pulled`, error);
  }
}

/** To the registry that its name says. */
export async function pushImage(
  connection: Pick<EngineConnection, 'stream'>,
  reference: string,
  options: PullOptions,
): Promise<void> {
  const { fromImage, tag } = splitReference(reference);
  try {
    await transfer(connection, reference, `/images/${encodeURI(fromImage)}/push`, { query: { tag }, ...options });
  } catch (error) {
    throw failure(`${reference} could not be pushed`, error);
  }
}

/** The engine's words say why, not what. */
function failure(what: string, error: unknown): unknown {
  if (!(error instanceof EngineError) || error.code === 'cancelled') return error;
  return new EngineError(error.code, `${what}: ${error.message}`, { cause: error });
}

async function transfer(
  connection: Pick<EngineConnection, 'stream'>,
  reference: string,
  path: string,
  { query, report, signal }: PullOptions & { readonly query: Readonly<Record<string, string>> },
): Promise<void> {
  const progress = pullProgress();
  try {
    const headers = await loginHeaders(reference);
    const stream = await connection.stream('POST', path, { query, headers, signal });
    for await (const message of jsonLines<PullMessage>(stream)) {
      const failed = message.errorDetail?.message ?? message.error;
      if (failed !== undefined) throw new EngineError('unavailable', failed);
      const said = progress(message);
      if (said !== undefined) report(said.text, said.percent);
    }
  } catch (error) {
    if (signal.aborted) throw new EngineError('cancelled', 'Cancelled.', { cause: error });
    throw error;
  }
}

function noSuchImage(reference: string, cause: EngineError): EngineError {
  const text = `There is no image “${reference}”. Check its name and tag; a private one needs 'docker login' first.`;
  return new EngineError('not-found', text, { cause });
}

/** As the API wants it: a tag or a digest apart from the name. */
export function splitReference(reference: string): { readonly fromImage: string; readonly tag: string } {
  const at = reference.indexOf('@');
  if (at !== -1) return { fromImage: reference.slice(0, at), tag: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(':');
  if (colon > reference.lastIndexOf('/')) {
    return { fromImage: reference.slice(0, colon), tag: reference.slice(colon + 1) };
  }
  return { fromImage: reference, tag: 'latest' };
}

const DONE = new Set(['Pull complete', 'Already exists', 'Pushed', 'Layer already exists']);

/** Adds the layers up: bytes of those that are known, each as far as it is. */
export function pullProgress(): (
  message: PullMessage,
) => { readonly text: string; readonly percent?: number } | undefined {
  const layers = new Map<string, { readonly current: number; readonly total: number; readonly done: boolean }>();
  return ({ id, status = '', progressDetail }) => {
    if (id === undefined || status.startsWith('Pulling from')) return { text: status };
    const { current, total } = progressDetail ?? {};
    const before = layers.get(id) ?? { current: 0, total: 0, done: false };
    const done = DONE.has(status);
    if ((status === 'Downloading' || status === 'Pushing') && current !== undefined && total !== undefined)
      layers.set(id, { current, total, done });
    else if (done || status === 'Download complete') layers.set(id, { ...before, current: before.total, done });
    else layers.set(id, before);
    const all = [...layers.values()];
    const sum = all.reduce((bytes, layer) => bytes + layer.total, 0);
    const have = all.reduce((bytes, layer) => bytes + layer.current, 0);
    const complete = all.filter((layer) => layer.done).length;
    const text = `${complete} of ${all.length} layers`;
    return sum === 0 ? { text } : { text, percent: Math.floor((have / sum) * 100) };
  };
}
