/** `/containers/{id}/exec` and `/exec` */
import { readExecBody, readExecStartBody } from '#model/engine-api/create-request.ts';
import type { Containers } from '../../containers/containers.ts';
import type { Call, Reply, Route } from '../route.ts';
import { streamType } from './container-streams.ts';
import { windowSize } from './containers.ts';

const id = (call: Call): string => call.params['id'] ?? '';

async function create(containers: Containers, call: Call): Promise<Reply> {
  const body = readExecBody(await call.json());
  const Id = await containers.createExec(id(call), {
    command: body.Cmd ?? [],
    environment: body.Env ?? [],
    user: body.User ?? '',
    workingDir: body.WorkingDir ?? '',
    terminal: body.Tty ?? false,
    stdin: body.AttachStdin ?? false,
    stdout: body.AttachStdout ?? false,
    stderr: body.AttachStderr ?? false,
    privileged: body.Privileged ?? false,
    detachKeys: body.DetachKeys ?? '',
    consoleSize: call.before('1.42') ? undefined : body.ConsoleSize,
  });
  return { status: 201, body: { Id } };
}

async function start(containers: Containers, call: Call): Promise<Reply | undefined> {
  const body = readExecStartBody(await call.json());
  const raw = body.Tty ?? false;
  const consoleSize = raw && !call.before('1.42') ? (body.ConsoleSize ?? []) : [];
  const session = containers.startExec(id(call), { raw, consoleSize });
  if (body.Detach) {
    await session.startDetached();
    return { status: 200 };
  }
  const client = call.hijack(streamType(call, raw), call.engineHeaders);
  await session.run(client, call.signal);
  return undefined;
}

async function resize(containers: Containers, call: Call): Promise<Reply> {
  await containers.resizeExec(id(call), ...windowSize(call));
  return { status: 200 };
}

export function execRoutes(containers: Containers): readonly Route[] {
  return [
    { method: 'POST', path: '/containers/{id*}/exec', handle: (call) => create(containers, call) },
    { method: 'POST', path: '/exec/{id}/start', handle: (call) => start(containers, call) },
    { method: 'POST', path: '/exec/{id}/resize', handle: (call) => resize(containers, call) },
    {
      method: 'GET',
      path: '/exec/{id}/json',
      handle: async (call) => ({ status: 200, body: containers.inspectExec(id(call)) }),
    },
  ];
}
