/** One build of a Dockerfile for a BuildKit client: its options and session put together, and the builder asked. */
import { createHash } from 'node:crypto';
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildWarning } from '#model/rules/build-warnings.ts';
import type { BuildRequest, BuildResult } from '../../build/request.ts';
import type { Watch } from '../../build/watch.ts';
import type { Image } from '../../images/images.ts';
import type { KeptContexts } from '../session/kept-contexts.ts';
import { sessionClient, sessionLogin } from '../session/session-client.ts';
import { sessionFiles } from '../session/session-files.ts';
import type { ClientSession } from '../session/sessions.ts';
import { cacheImports, type CacheEntry, inlineExports } from './cache-options.ts';
import { type Exporter, readExports } from './exports.ts';
import { type FrontendOptions, frontendRequest } from './frontend-options.ts';
import { remoteOf } from './remote-context.ts';
import type { Uploads } from './uploads.ts';

export interface DockerfileBuildTools {
  build(request: BuildRequest): Promise<BuildResult>;
  readonly kept: KeptContexts;
  readonly uploads: Uploads;
  /** Folder for what is on its way. */
  readonly directory: string;
}

export interface DockerfileBuild {
  readonly session: ClientSession;
  readonly options: FrontendOptions;
  readonly exporters: readonly Exporter[];
  readonly entitlements: readonly string[];
  readonly cacheExports: readonly CacheEntry[];
  /** What `input:` contexts are, by the input's name. */
  readonly inputs: ReadonlyMap<string, BuildResult['made']>;
  /** Sessions that have folders which this one has not, by the folder's name. */
  readonly otherSessions: ReadonlyMap<string, ClientSession>;
  readonly watch: Watch;
  readonly signal: AbortSignal;
}

const INSECURE = 'security.insecure';
const HOST_NETWORK = 'network.host';

export async function buildDockerfile(build: DockerfileBuild, tools: DockerfileBuildTools): Promise<BuildResult> {
  const { session, options, watch } = build;
  const signal = AbortSignal.any([build.signal, session.signal]);
  const { contexts = {}, ...asked } = frontendRequest(options);
  const exports = readExports(build.exporters);
  const filename = options['filename'] || 'Dockerfile';
  const folders = { dockerfile: options['dockerfilekey'] || 'dockerfile', context: options['contextkey'] || 'context' };
  const sessionOf = (folder: string): ClientSession => build.otherSessions.get(folder) ?? session;
  const files = sessionFiles({ sessionOf, kept: tools.kept, watch, signal, filename, folders });
  const source = await remoteOf(options, { session, files, uploads: tools.uploads, signal, filename });
  const { outputs, tags, keepImage, taken } = exports;
  try {
    return await tools.build({
      ...asked,
      ...source,
      contexts: Object.fromEntries(Object.entries(contexts).map(([name, from]) => namedContext(name, from, build))),
      given: Object.fromEntries([...build.inputs].map(([name, made]) => [RESULT + name, givenImage(made)])),
      tags,
      keepImage,
      outputs,
      client: sessionClient({
        session,
        files: renamed(files, contexts),
        signal,
        outputs: taken,
        directory: tools.directory,
      }),
      secrets: 'ask',
      agents: 'ask',
      login: (registry) => sessionLogin(session, registry, signal),
      allowInsecure: build.entitlements.includes(INSECURE),
      allowHostNetwork: build.entitlements.includes(HOST_NETWORK),
      cacheFrom: cacheImports(options['cache-imports'], watch),
      cacheTo: inlineExports(build.cacheExports),
      watch,
      onEvent: (event) => {
        if (event.kind === 'warning')
          watch({ kind: 'warning', text: warningText(event.warning), check: event.warning });
      },
      signal,
    });
  } catch (error) {
    if (session.signal.aborted && !build.signal.aborted) throw sessionLost(error);
    throw error;
  }
}

function sessionLost(cause: unknown): EngineError {
  return new EngineError('unavailable', "the client's session ended before its build did: run the build again", {
    cause,
  });
}

function warningText({ rule, message, line }: BuildWarning): string {
  return `${rule}: ${message} (line ${line})`;
}

const LOCAL = 'local:';
const INPUT = 'input:';
/** In place of an image's reference. */
const RESULT = 'result://';

function namedContext(name: string, from: string, { inputs }: Pick<DockerfileBuild, 'inputs'>): [string, string] {
  if (from.startsWith(LOCAL)) return [name, 'client'];
  if (!from.startsWith(INPUT)) return [name, from];
  const input = from.slice(INPUT.length);
  if (!inputs.has(input)) throw new EngineError('invalid', `the context ${name} is of a build that is not there`);
  return [name, `docker-image://${RESULT}${input}`];
}

/** An image that is kept nowhere. */
function givenImage({ config, chainIds }: BuildResult['made']): Image {
  const id = `sha256:${createHash('sha256').update(JSON.stringify(config)).digest('hex')}`;
  return { id, config, chainIds, repoTags: [], repoDigests: [], size: 0 };
}

/** The builder asks for contexts by their names in the Dockerfile, the client knows them by its own. */
function renamed<F extends { folder(name: string): Promise<unknown> }>(files: F, contexts: Record<string, string>): F {
  return { ...files, folder: (name: string) => files.folder((contexts[name] ?? '').slice(LOCAL.length)) };
}
