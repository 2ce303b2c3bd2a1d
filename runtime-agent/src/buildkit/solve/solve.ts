/** moby.buildkit.v1.Control/Solve: one build from its request to its exporters. */
import { EngineError } from '#model/engine-api/errors.ts';
import { namingOf } from '../../build/watch.ts';
import type { SolveRequest, SolveResponse } from '../messages/control.ts';
import { failureMessage, failureStatus } from '../progress/failure-status.ts';
import { createStatusLog } from '../progress/status-log.ts';
import type { Sessions } from '../session/sessions.ts';
import { grpcFailure } from '../wire/grpc-status.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import { buildDockerfile, type DockerfileBuildTools } from './dockerfile-build.ts';
import type { Returned, RunningBuild, RunningBuilds, Wanted } from './running-builds.ts';
import { wantedOf } from './wanted.ts';

type Request = ValueOf<typeof SolveRequest>;
type Response = Partial<ValueOf<typeof SolveResponse>>;

export interface SolveTools extends DockerfileBuildTools {
  readonly sessions: Sessions;
  readonly builds: RunningBuilds;
}

export async function solveRequest(request: Request, tools: SolveTools, signal: AbortSignal): Promise<Response> {
  const returned = Promise.withResolvers<Returned>();
  const log = createStatusLog({ ref: request.Ref, messageOf: failureMessage });
  const { Ref: ref, Session: session } = request;
  const build: RunningBuild = { ref, session, log, wanted: new Map(), returned, signal };
  using _running = tools.builds.add(build);
  const { wanted, error } = await whatToBuild(request, build);
  if (error !== undefined) throw error;
  if (wanted === undefined) return {};
  return await buildWanted(wanted, build, request, tools);
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

async function buildWanted(
  wanted: Wanted,
  build: RunningBuild,
  request: Request,
  tools: SolveTools,
): Promise<Response> {
  const exporters =
    request.Exporters.length > 0 || request.ExporterDeprecated === ''
      ? request.Exporters
      : [{ Type: request.ExporterDeprecated, Attrs: request.ExporterAttrsDeprecated }];
  const session = await tools.sessions.find(build.session, build.signal);
  try {
    const { imageId } = await buildDockerfile(
      {
        session,
        options: wanted.options,
        exporters,
        entitlements: request.Entitlements,
        cacheExports: request.Cache?.Exports ?? [],
        inputs: await inputImages(wanted, request, tools),
        watch: build.log.watch,
        signal: build.signal,
      },
      tools,
    );
    return { ExporterResponse: responseOf(imageId, exporters) };
  } catch (error) {
    throw grpcFailure(failureStatus(error, build.log.dockerfile()));
  }
}

/** Builds those that this one stands on, each into an image without a name. */
async function inputImages(
  { inputs }: Wanted,
  request: Request,
  tools: SolveTools,
): Promise<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  for (const [name, id] of inputs) {
    const found = tools.builds.wanted(id);
    if (found === undefined) throw new EngineError('not-found', `the build that ${name} is of has ended too long ago`);
    const { build, wanted } = found;
    const session = await tools.sessions.find(build.session, build.signal);
    const { imageId } = await buildDockerfile(
      {
        session,
        options: wanted.options,
        exporters: [{ Type: 'moby' }],
        entitlements: request.Entitlements,
        cacheExports: [],
        inputs: await inputImages(wanted, request, tools),
        watch: () => {},
        signal: build.signal,
      },
      tools,
    );
    images.set(name, imageId);
  }
  return images;
}

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
