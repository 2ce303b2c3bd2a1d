/** moby.buildkit.v1.Control/Solve: one build from its request to its exporters. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildResult } from '../../build/request.ts';
import { namingOf } from '../../build/watch.ts';
import { type RecordTools, recordBuild } from '../history/record-build.ts';
import type { SolveRequest, SolveResponse } from '../messages/control.ts';
import { failureStatus, stepFailureMessage } from '../progress/failure-status.ts';
import { createStatusLog } from '../progress/status-log.ts';
import type { Sessions } from '../session/sessions.ts';
import { grpcFailure } from '../wire/grpc-status.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import { buildDockerfile, type DockerfileBuild, type DockerfileBuildTools } from './dockerfile-build.ts';
import type { Returned, RunningBuild, RunningBuilds, Wanted } from './running-builds.ts';
import { wantedOf } from './wanted.ts';

type Request = ValueOf<typeof SolveRequest>;
type Response = Partial<ValueOf<typeof SolveResponse>>;

export interface SolveTools extends DockerfileBuildTools, RecordTools {
  readonly sessions: Sessions;
  readonly builds: RunningBuilds;
}

export async function solveRequest(request: Request, tools: SolveTools, signal: AbortSignal): Promise<Response> {
  const returned = Promise.withResolvers<Returned>();
  const log = createStatusLog({ ref: request.Ref, messageOf: stepFailureMessage });
  const { Ref: ref, Session: session, Entitlements: entitlements } = request;
  const build: RunningBuild = { ref, session, entitlements, log, wanted: new Map(), returned, signal };
  using _running = tools.builds.add(build);
  await using recorded = recordBuild(request, build, tools);
  try {
    const { wanted, error } = await whatToBuild(request, build);
    if (error !== undefined) throw error;
    if (wanted === undefined) return {};
    const exporters = exportersOf(request);
    const result = await buildWanted(wanted, build, tools, { exporters, cacheExports: request.Cache?.Exports ?? [] });
    const response = responseOf(result.imageId, exporters);
    recorded.succeeded({ result, options: wanted.options, response });
    return { ExporterResponse: response };
  } catch (error) {
    recorded.failed(error);
    throw error;
  }
}

/** A client that names a frontend has it done; one that does not leads the build itself and says at the end. */
async function whatToBuild(request: Request, { returned, signal }: RunningBuild): Promise<Returned> {
  if (request.Frontend !== '')
    return { wanted: wantedOf(request.Frontend, request.FrontendAttrs, request.FrontendInputs) };
  if ((request.Definition?.def?.length ?? 0) > 0) {
    throw new EngineError('not-implemented', 'this engine builds Dockerfiles, not graphs (LLB) that a client made');
  }
  const gone = (): void => returned.reject(signal.reason);
  signal.addEventListener('abort', gone);
  try {
    return await returned.promise;
  } finally {
    signal.removeEventListener('abort', gone);
  }
}

function exportersOf({ Exporters, ExporterDeprecated, ExporterAttrsDeprecated }: Request): Request['Exporters'] {
  if (Exporters.length > 0 || ExporterDeprecated === '') return Exporters;
  return [{ Type: ExporterDeprecated, Attrs: ExporterAttrsDeprecated }];
}

async function buildWanted(
  wanted: Wanted,
  build: RunningBuild,
  tools: SolveTools,
  outcome: Pick<DockerfileBuild, 'exporters' | 'cacheExports'>,
): Promise<BuildResult> {
  try {
    await wanted.made; // it is being built already
    return await buildNow(wanted, build, tools, outcome);
  } catch (error) {
    throw grpcFailure(failureStatus(error, build.log.dockerfile()));
  }
}

/** The result of what was wanted, without exporters: built once for all who ask. */
export async function resultOfWanted(
  wanted: Wanted,
  build: RunningBuild,
  tools: SolveTools,
): Promise<BuildResult['made']> {
  wanted.made ??= buildNow(wanted, build, tools, { exporters: [], cacheExports: [] }).then(({ made }) => made);
  try {
    return await wanted.made;
  } catch (error) {
    throw grpcFailure(failureStatus(error, build.log.dockerfile()));
  }
}

async function buildNow(
  { options, inputs }: Wanted,
  { session, signal, log, entitlements }: RunningBuild,
  tools: SolveTools,
  outcome: Pick<DockerfileBuild, 'exporters' | 'cacheExports'>,
): Promise<BuildResult> {
  const results = [...inputs].map(async ([name, id]): Promise<[string, BuildResult['made']]> => {
    const found = tools.builds.wanted(id);
    if (found === undefined) throw new EngineError('not-found', `the build that ${name} is of has ended too long ago`);
    return [name, await resultOfWanted(found.wanted, found.build, tools)];
  });
  const others = Object.entries(options).flatMap(([key, id]) =>
    key.startsWith(OTHER_SESSION) ? [[key.slice(OTHER_SESSION.length), id] as const] : [],
  );
  const sessions = others.map(async ([folder, id]) => [folder, await tools.sessions.find(id, signal)] as const);
  return await buildDockerfile(
    {
      ...outcome,
      session: await tools.sessions.find(session, signal),
      otherSessions: new Map(await Promise.all(sessions)),
      options,
      entitlements,
      inputs: new Map(await Promise.all(results)),
      watch: log.watch,
      signal,
    },
    tools,
  );
}

/** The option that says which session has a folder. */
const OTHER_SESSION = 'local-sessionid:';

function responseOf(
  imageId: string,
  exporters: readonly { readonly Attrs?: Readonly<Record<string, string>> }[],
): Record<string, string> {
  if (imageId === '') return {};
  const names = exporters.flatMap(({ Attrs = {} }) => (Attrs['name'] ?? '').split(',')).filter((name) => name !== '');
  return {
    'containerimage.config.digest': imageId,
    'containerimage.digest': imageId,
    ...(names.length > 0 ? { 'image.name': names.map(namingOf).join(',') } : {}),
  };
}
