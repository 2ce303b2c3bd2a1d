/** moby.buildkit.v1.Control, and the health of it. */
import { EngineError } from '#model/engine-api/errors.ts';
import * as control from './messages/control.ts';
import { HealthCheckRequest, HealthCheckResponse } from './messages/health.ts';
import { sessionHead } from './session/session-head.ts';
import { tunnelOf } from './session/tunnel.ts';
import { type SolveTools, solveRequest } from './solve/solve.ts';
import type { CacheRecords } from './usage/cache-records.ts';
import { type GrpcMethod, grpcMethod } from './wire/grpc-server.ts';
import type { ValueOf } from './wire/protobuf.ts';

const SERVICE = '/moby.buildkit.v1.Control';

export interface ControlDeps extends SolveTools {
  readonly worker: () => Partial<ValueOf<typeof control.WorkerRecord>>;
  readonly records: CacheRecords;
}

export function controlMethods(deps: ControlDeps): readonly GrpcMethod[] {
  const { builds, sessions, worker, records } = deps;
  return [
    grpcMethod(`${SERVICE}/Solve`, [control.SolveRequest, control.SolveResponse], ({ request, signal }) =>
      solveRequest(request, deps, signal),
    ),
    grpcMethod(`${SERVICE}/Status`, [control.StatusRequest, control.StatusResponse], async (call) => {
      const { request, signal, send, head } = call;
      const { log } = await builds.find(request.Ref, signal);
      head({ 'buildkit-current-timestamp': new Date().toISOString() });
      for await (const status of log.read(signal)) await send(status);
      return undefined;
    }),
    grpcMethod(`${SERVICE}/ListWorkers`, [control.ListWorkersRequest, control.ListWorkersResponse], async () => ({
      record: [worker()],
    })),
    grpcMethod(`${SERVICE}/Info`, [control.InfoRequest, control.InfoResponse], async () => {
      const { BuildkitVersion } = worker();
      return { buildkitVersion: BuildkitVersion };
    }),
    grpcMethod(`${SERVICE}/DiskUsage`, [control.DiskUsageRequest, control.DiskUsageResponse], async ({ request }) => ({
      record: await records.list(request.filter),
    })),
    grpcMethod(`${SERVICE}/Prune`, [control.PruneRequest, control.UsageRecord], async ({ request, send }) => {
      for (const record of await records.prune(request)) await send(record);
      return undefined;
    }),
    // Builds that have ended are not remembered.
    grpcMethod(
      `${SERVICE}/ListenBuildHistory`,
      [control.BuildHistoryRequest, control.BuildHistoryEvent],
      async ({ request, signal, head }) => {
        head({ 'buildkit-current-timestamp': new Date().toISOString() });
        if (!request.EarlyExit) await aborted(signal);
        return undefined;
      },
    ),
    grpcMethod('/grpc.health.v1.Health/Check', [HealthCheckRequest, HealthCheckResponse], async ({ request }) => {
      if (request.service !== '' && request.service !== SERVICE.slice(1)) {
        throw new EngineError('not-found', `unknown service ${request.service}`);
      }
      return { status: 1 };
    }),
    {
      path: `${SERVICE}/Session`,
      async handle(call) {
        call.head();
        await sessions.add(tunnelOf(call), sessionHead(call.headers));
      },
    },
    // Clients hand over what they measured of themselves; nobody here wants it.
    {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      handle: (call) => call.send(Buffer.alloc(0)),
    },
  ];
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
