/**
 * Builds that are asked for again and again, with nothing changed: what such a build said and made is remembered, and told
 * again without reading the Dockerfile, as long as the engine would answer all that the build asked of it as before.
 */
import { addAbortSignal, Readable } from 'node:stream';
import { familiarName, parseReference } from '#model/oci/reference.ts';
import type { BuildEvent, BuildRequest, BuildResult } from '../request.ts';
import { identityOf, isSelfContained } from './build-identity.ts';
import { type BuildTrace, traceBuild, type TracedTools } from './build-trace.ts';

/** Bytes: of a larger context more is to be done than is saved. */
const SMALL_CONTEXT = 1 << 20;
/** Characters of all that is remembered. */
const ROOM = 1 << 18;

interface RememberedBuild<T> {
  readonly trace: BuildTrace<T>;
  /** Before the image was stored, and after. */
  readonly said: readonly [readonly BuildEvent[], readonly BuildEvent[]];
  readonly result: BuildResult;
  readonly size: number;
}

export type RunBuild<T> = (request: BuildRequest, tools: T) => Promise<BuildResult>;

/** @param run does a build */
export function recallBuilds<T extends TracedTools>(tools: T, run: RunBuild<T>) {
  const builds = new Map<string, RememberedBuild<T>>();
  let size = 0;
  const forget = (identity: string): void => {
    size -= builds.get(identity)?.size ?? 0;
    builds.delete(identity);
  };
  const remember = (identity: string, build: RememberedBuild<T>): void => {
    forget(identity);
    builds.set(identity, build);
    size += build.size;
    for (const oldest of builds.keys()) if (size > ROOM) forget(oldest);
  };
  return async (request: BuildRequest): Promise<BuildResult> => {
    if (!isSelfContained(request)) return run(request, tools);
    const bytes = await readSmall(request);
    if (bytes === undefined) return run(request, tools);
    const identity = identityOf(request, bytes);
    const known = builds.get(identity);
    if (known?.trace.holds()) {
      remember(identity, known); // as the latest
      return tellAgain(known, request, tools);
    }
    forget(identity);
    const { image, ...build } = await traced({ ...request, context: Readable.from([bytes]) }, tools, run);
    if (image !== undefined) remember(identity, build);
    return build.result;
  };
}

/** Undefined when there is more, or nothing: the stream is then as if it had not been read. */
async function readSmall({ context, signal }: BuildRequest): Promise<Buffer | undefined> {
  if (context === undefined) return undefined;
  addAbortSignal(signal, context);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of context.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > SMALL_CONTEXT) break;
  }
  const read = Buffer.concat(chunks);
  if (size <= SMALL_CONTEXT) return read;
  context.unshift(read);
  return undefined;
}

async function traced<T extends TracedTools>(request: BuildRequest, tools: T, run: RunBuild<T>) {
  const trace = traceBuild(tools);
  const said: [BuildEvent[], BuildEvent[]] = [[], []];
  const onEvent = (event: BuildEvent): void => {
    said[event.kind === 'image' || said[1].length > 0 ? 1 : 0].push(event);
    request.onEvent?.(event);
  };
  const result = await run({ ...request, onEvent }, trace.tools);
  const image = trace.stored();
  return { trace, said, result, image, size: JSON.stringify([said, result]).length };
}

function tellAgain<T extends TracedTools>(
  { said: [before, after], result }: RememberedBuild<T>,
  { signal, tags = [], onEvent = () => {} }: BuildRequest,
  { images }: T,
): BuildResult {
  signal.throwIfAborted();
  before.forEach(onEvent);
  for (const name of tags) {
    const { domain, path, tag = '' } = parseReference(name);
    images.tag(result.imageId, familiarName({ domain, path }), tag);
  }
  after.forEach(onEvent);
  return result;
}
