/**
 * Tools for running containers. `{id}` is a name, an id or an unambiguous prefix of one.
 *
 *     POST /slipway/v1/containers/{id}/relay?port=N[&host=ADDRESS]
 *         Upgrade: tcp. Becomes a two-way stream to that TCP port inside the container's network namespace; it need not
 *         be published and may listen on loopback only. Without a host: whichever address listens on the port.
 *         503 when nothing listens there, naming the ports that do.
 *     GET  /slipway/v1/containers/{id}/ports        -> ListeningPort[]
 *     GET  /slipway/v1/containers/{id}/processes    -> ContainerProcess[], with the runtimes found
 *     POST /slipway/v1/containers/{id}/debug/node   {pid?} -> NodeDebugTarget, or NodeDebugChoice to pick from
 *         Switches the inspector of a Node process on (SIGUSR1). 404: no such process; 409: it cannot be debugged.
 *     POST /slipway/v1/containers/{id}/visible      VisibleRequest -> VisibleResult
 *         Answers when the file has that content as seen inside the container.
 *
 * The types are in model/slipway-api/.
 */
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerProcess, ListeningPort, NodeDebugChoice, NodeDebugTarget } from '#model/slipway-api/debug.ts';
import type { VisibleRequest, VisibleResult } from '#model/slipway-api/workspaces.ts';
import type { Call, Route } from '../route.ts';

export interface ContainerToolsDeps {
  readonly debug: {
    ports(nameOrId: string): Promise<ListeningPort[]>;
    processes(nameOrId: string): Promise<ContainerProcess[]>;
    connect(nameOrId: string, port: number, host?: string): Promise<Socket>;
    debugNode(
      nameOrId: string,
      pid: number | undefined,
      signal: AbortSignal,
    ): Promise<NodeDebugTarget | NodeDebugChoice>;
  };
  /** Waits until a file in the container has the content. */
  readonly visible: (nameOrId: string, wanted: VisibleRequest, signal: AbortSignal) => Promise<VisibleResult>;
}

const VisibleBody = v.object({
  path: v.pipe(v.string(), v.startsWith('/')),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  timeoutMs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(60_000))),
});
const DebugBody = v.object({ pid: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))) });

export function containerToolRoutes({ debug, visible }: ContainerToolsDeps): readonly Route[] {
  const base = '/slipway/v1/containers/{id}';
  const idOf = ({ params }: Call): string => params['id'] ?? '';
  return [
    { method: 'POST', path: `${base}/relay`, handle: async (call) => await relay(debug, call) },
    {
      method: 'GET',
      path: `${base}/ports`,
      handle: async (call) => ({ status: 200, body: await debug.ports(idOf(call)) }),
    },
    {
      method: 'GET',
      path: `${base}/processes`,
      handle: async (call) => ({ status: 200, body: await debug.processes(idOf(call)) }),
    },
    {
      method: 'POST',
      path: `${base}/debug/node`,
      handle: async (call) => {
        const { pid } = decode(DebugBody, (await call.json()) ?? {});
        return { status: 200, body: await debug.debugNode(idOf(call), pid, call.signal) };
      },
    },
    {
      method: 'POST',
      path: `${base}/visible`,
      handle: async (call) => {
        const { timeoutMs, ...wanted } = decode(VisibleBody, (await call.json()) ?? {});
        const request = timeoutMs === undefined ? wanted : { ...wanted, timeoutMs };
        return { status: 200, body: await visible(idOf(call), request, call.signal) };
      },
    },
  ];
}

async function relay(debug: ContainerToolsDeps['debug'], call: Call): Promise<undefined> {
  const port = Number(call.query.get('port'));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new EngineError('invalid', `port=${call.query.get('port') ?? ''} is not a TCP port (1 to 65535)`);
  }
  const host = call.query.get('host') ?? undefined;
  const inside = await debug.connect(call.params['id'] ?? '', port, host);
  const client = call.hijack('application/octet-stream');
  // each direction ends by itself (half-close); an error in either ends both
  await Promise.all([pipeline(client, inside), pipeline(inside, client)]).catch(() => {
    client.destroy();
    inside.destroy();
  });
}

/** Throws EngineError('invalid') that names the field. */
function decode<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new EngineError('invalid', `${v.getDotPath(issue) ?? 'request body'}: ${issue.message}`);
}
