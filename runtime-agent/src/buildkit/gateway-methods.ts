/** moby.buildkit.v1.frontend.LLBBridge: a client that leads its build asks for what a frontend would do. */
import { randomBytes } from 'node:crypto';
import { EngineError } from '#model/engine-api/errors.ts';
import type { WorkerRecord } from './messages/control.ts';
import * as gateway from './messages/gateway.ts';
import { askDockerfile } from './subrequests/ask-dockerfile.ts';
import { definitionOf } from './solve/result-definition.ts';
import type { RunningBuild } from './solve/running-builds.ts';
import { resultOfWanted, type SolveTools } from './solve/solve.ts';
import { wantedOf } from './solve/wanted.ts';
import { type GrpcCall, type GrpcMethod, grpcMethod } from './wire/grpc-server.ts';
import { grpcFailure } from './wire/grpc-status.ts';
import type { ValueOf } from './wire/protobuf.ts';

const SERVICE = '/moby.buildkit.v1.frontend.LLBBridge';
/** The header that says which build a call belongs to. */
const BUILD_HEADER = 'buildkit-controlapi-buildid';

/** What clients may count on (util/apicaps), as far as the engine has it. */
const FRONTEND_CAPS = [
  'solve.base',
  'solve.inlinereturn',
  'resolveimage',
  'return',
  'returnmap',
  'frontend.caps',
  'frontend.inputs',
  'importcaches',
  'proto.refarray',
  'reference.output',
  'gateway.solve.metadata',
  'gateway.evaluate',
];
const LLB_CAPS = [
  'source.image',
  'source.local',
  'source.local.sessionid',
  'source.local.includepatterns',
  'source.local.followpaths',
  'source.local.excludepatterns',
  'source.local.sharedkeyhint',
  'source.git',
  'source.http',
  'exec.meta.base',
  'exec.meta.network',
  'exec.meta.security',
  'exec.meta.ulimit',
  'exec.mount.bind',
  'exec.mount.cache',
  'exec.mount.cache.sharing',
  'exec.mount.tmpfs',
  'exec.mount.secret',
  'exec.mount.ssh',
  'exec.secretenv',
  'file.base',
  'platform',
  'exporter.multiple',
];

export interface GatewayDeps extends SolveTools {
  readonly worker: () => Partial<ValueOf<typeof WorkerRecord>>;
}

export function gatewayMethods({ worker, ...tools }: GatewayDeps): readonly GrpcMethod[] {
  const buildOf = ({
    headers,
    signal,
  }: Pick<GrpcCall<unknown, unknown>, 'headers' | 'signal'>): Promise<RunningBuild> =>
    tools.builds.find(String(headers[BUILD_HEADER] ?? ''), signal);
  return [
    grpcMethod(`${SERVICE}/Ping`, [gateway.PingRequest, gateway.PongResponse], async () => ({
      FrontendAPICaps: FRONTEND_CAPS.map((ID) => ({ ID, Enabled: true })),
      LLBCaps: LLB_CAPS.map((ID) => ({ ID, Enabled: true })),
      Workers: [worker()],
    })),
    grpcMethod(`${SERVICE}/Solve`, [gateway.SolveRequest, gateway.SolveResponse], async (call) => {
      const { Frontend, FrontendOpt, FrontendInputs, Definition } = call.request;
      if (Frontend === '' || (Definition?.def?.length ?? 0) > 0) {
        throw new EngineError('not-implemented', 'this engine builds Dockerfiles, not graphs (LLB) that a client made');
      }
      const build = await buildOf(call);
      if (FrontendOpt['requestid']) return { result: { metadata: await askDockerfile(FrontendOpt, build, tools) } };
      const id = randomBytes(12).toString('hex');
      build.wanted.set(id, wantedOf(Frontend, FrontendOpt, FrontendInputs));
      return { result: { ref: { id, def: definitionOf(id) } } };
    }),
    grpcMethod(`${SERVICE}/Return`, [gateway.ReturnRequest, gateway.ReturnResponse], async (call) => {
      const { result, error } = call.request;
      const build = await buildOf(call);
      if (error !== undefined) {
        const { code = 0, message = '', details = [] } = error;
        const known = details.map(({ type_url = '', value = Buffer.alloc(0) }) => ({ type_url, value }));
        build.returned.resolve({ error: grpcFailure({ code, message, details: known }) });
        return {};
      }
      const wanted = build.wanted.get(result?.ref?.id ?? '');
      build.returned.resolve(wanted === undefined ? {} : { wanted });
      return {};
    }),
    grpcMethod(`${SERVICE}/Evaluate`, [gateway.EvaluateRequest, gateway.EvaluateResponse], async (call) => {
      const build = await buildOf(call);
      const wanted = build.wanted.get(call.request.Ref);
      if (wanted === undefined) throw new EngineError('not-found', `no such reference ${call.request.Ref}`);
      await resultOfWanted(wanted, build, tools);
      return {};
    }),
    grpcMethod(`${SERVICE}/Inputs`, [gateway.InputsRequest, gateway.InputsResponse], async () => ({})),
  ];
}
