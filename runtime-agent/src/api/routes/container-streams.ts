/** `/containers/{id}/attach` and `/logs` */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { AttachOptions } from '../../containers/attach.ts';
import type { Containers } from '../../containers/containers.ts';
import { logInstant } from '../../runtime/log-format.ts';
import { errorReply } from '../errors.ts';
import { parseTimeParameter } from '../parse-time.ts';
import type { Call, Reply, Route } from '../route.ts';
import { RAW_STREAM } from '../upgrade.ts';
import { openWebSocket } from '../websocket.ts';

const id = (call: Call): string => call.params['id'] ?? '';

/** Clients since API 1.42 are told which of the two framings they get. */
export function streamType(call: Call, terminal: boolean): string {
  const framed = !terminal && !call.before('1.42');
  return framed ? 'application/vnd.docker.multiplexed-stream' : RAW_STREAM;
}

const attachOptions = (call: Call): AttachOptions => ({
  logs: call.flag('logs'),
  stream: call.flag('stream'),
  stdin: call.flag('stdin'),
  stdout: call.flag('stdout'),
  stderr: call.flag('stderr'),
  detachKeys: call.query.get('detachKeys') ?? undefined,
});

/** Over a WebSocket there are no frames: both outputs arrive as one. */
async function attachWebSocket(containers: Containers, call: Call): Promise<undefined> {
  const all = call.before('1.42') ? { stdin: true, stdout: true, stderr: true } : {};
  const attachment = await containers.attach(id(call), { ...attachOptions(call), ...all, unframed: true });
  await attachment.run(await openWebSocket(call), call.signal);
  return undefined;
}

/** Docker has taken the connection over before it looks: its clients get the message as it is. */
function plainly(error: unknown, { request }: Call): Reply {
  const { status } = errorReply(error, request.url ?? '');
  const headers = { 'Content-Type': RAW_STREAM };
  return { status, headers, body: `${messageOf(error)}\r\n` };
}

async function attach(containers: Containers, call: Call): Promise<Reply | undefined> {
  const attaching = containers.attach(id(call), attachOptions(call));
  const attachment = await attaching.catch((error: unknown) => plainly(error, call));
  if ('status' in attachment) return attachment;
  const client = call.hijack(streamType(call, attachment.terminal));
  await attachment.run(client, call.signal);
  return undefined;
}

function tail(call: Call): number | undefined {
  const text = call.query.get('tail') ?? 'all';
  // As Docker: what is no number means all lines.
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function instantOf(call: Call, name: 'since' | 'until'): string | undefined {
  const text = call.query.get(name);
  const moment = text === '0' ? undefined : parseTimeParameter(text);
  return moment === undefined ? undefined : logInstant(moment.seconds, moment.nanoseconds);
}

async function logs(containers: Containers, call: Call): Promise<undefined> {
  if (call.flag('stdout') || call.flag('stderr')) containers.mustExist(id(call));
  const found = containers.logs(id(call), {
    stdout: call.flag('stdout'),
    stderr: call.flag('stderr'),
    follow: call.flag('follow'),
    timestamps: call.flag('timestamps'),
    details: call.flag('details'),
    since: instantOf(call, 'since'),
    until: instantOf(call, 'until'),
    tail: tail(call),
  });
  const stream = call.stream(streamType(call, found.terminal));
  try {
    for await (const chunk of found.read(call.signal)) await stream.write(chunk);
  } catch (error) {
    if (!(error instanceof EngineError && error.code === 'cancelled')) throw error;
  }
  return undefined;
}

export function containerStreamRoutes(containers: Containers): readonly Route[] {
  return [
    { method: 'POST', path: '/containers/{id*}/attach', handle: (call) => attach(containers, call) },
    { method: 'GET', path: '/containers/{id*}/attach/ws', handle: (call) => attachWebSocket(containers, call) },
    { method: 'GET', path: '/containers/{id*}/logs', handle: (call) => logs(containers, call) },
  ];
}
