/** An image built by an engine from a folder of this machine. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { jsonLines } from '../hosts/json-lines.ts';
import { buildLoginHeaders } from '../hosts/registry-login.ts';
import { buildContext } from './build-context.ts';

interface BuildMessage {
  readonly stream?: string;
  readonly error?: string;
}

export interface ImageBuild {
  /** Folder of the build context, absolute. */
  readonly context: string;
  /** Absolute; may be outside of the context. */
  readonly dockerfile: string;
  /** Name and tag of the image. */
  readonly tag: string;
  /** More of the query of `POST /build`. */
  readonly query?: Readonly<Record<string, string | boolean | undefined>>;
}

export interface BuildFollower {
  readonly signal: AbortSignal;
  /** Output as it comes. */
  log(text: string): void;
  /** The step that has begun. @param percent of all steps of the Dockerfile */
  report(message: string, percent?: number): void;
}

/** @throws EngineError `invalid` with the builder's own words when the build fails, `cancelled` when it was stopped */
export async function buildImage(
  connection: Pick<EngineConnection, 'stream'>,
  { context: folder, dockerfile, tag, query }: ImageBuild,
  { signal, log, report }: BuildFollower,
): Promise<void> {
  const context = await buildContext(folder, dockerfile);
  try {
    const stream = await connection.stream('POST', '/build', {
      query: { dockerfile: context.dockerfile, t: tag, rm: true, forcerm: true, ...query },
      headers: { 'content-type': 'application/x-tar', ...(await buildLoginHeaders()) },
      body: context.body,
      signal,
    });
    for await (const message of jsonLines<BuildMessage>(stream)) {
      if (message.error !== undefined) {
        throw new EngineError('invalid', `The image could not be built: ${message.error.trim()}`);
      }
      if (message.stream === undefined) continue;
      log(message.stream);
      const [step, number, of] = /^Step (\d+)\/(\d+) : .*/.exec(message.stream) ?? [];
      if (step !== undefined) report(step.slice(0, 80), Math.floor(((Number(number) - 1) / Number(of)) * 100));
    }
  } catch (error) {
    if (signal.aborted) throw new EngineError('cancelled', 'Cancelled.', { cause: error });
    throw error;
  }
}
