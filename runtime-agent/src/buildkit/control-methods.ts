/** moby.buildkit.v1.Control, and the health of it. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildRecords } from './history/build-records.ts';
import { messagesOfLog } from './history/ended-build.ts';
import { type HistoryDeps, historyMethods } from './history/history-methods.ts';
import * as control from './messages/control.ts';
import { StatusResponse } from './messages/control.ts';
import { EVENT } from './messages/history.ts';
import { HealthCheckRequest, HealthCheckResponse } from './messages/health.ts';
import { sessionHead } from './session/session-head.ts';
import { tunnelOf } from './session/tunnel.ts';
import { type SolveTools, solveRequest } from './solve/solve.ts';
import type { CacheRecords } from './usage/cache-records.ts';
import { type GrpcMethod, grpcMethod } from './wire/grpc-server.ts';
import type { ValueOf } from './wire/protobuf.ts';

const SERVICE = '/moby.buildkit.v1.Control';

export interface ControlDeps extends SolveTools, HistoryDeps {
  readonly worker: () => Partial<ValueOf<typeof control.WorkerRecord>>;
  readonly records: CacheRecords;
}

export function controlMethods(deps: ControlDeps): readonly GrpcMethod[] {
  const { builds, sessions, worker, records, history } = deps;
  return [
    grpcMethod(`${SERVICE}/Solve`, [control.SolveRequest, control.SolveResponse], ({ request, signal }) =>
      solveRequest(request, deps, signal),
    ),
    grpcMethod(`${SERVICE}/Status`, [control.StatusRequest, StatusResponse], async (call) => {
      const { request, signal, send, head } = call;
      const ended = builds.isKnown(request.Ref) ? undefined : await logOfEnded(request.Ref, history);
      head({ 'buildkit-current-timestamp': new Date().toISOString() });
      if (ended !== undefined) {
        for (const status of ended) await send(StatusResponse.decode(status));
        return undefined;
      }
      const { log } = await builds.find(request.Ref, signal);
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
    ...historyMethods(deps),
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

/** Undefined when no such build has ended. */
async function logOfEnded(ref: string, history: BuildRecords): Promise<readonly Buffer[] | undefined> {
  const found = (await history.list()).find(({ type, record }) => type === EVENT.complete && record?.Ref === ref);
  if (found === undefined) return undefined;
  const { digest } = found.record?.logs ?? {};
  return messagesOfLog((digest === undefined ? undefined : await history.blob(digest)) ?? Buffer.alloc(0));
}
