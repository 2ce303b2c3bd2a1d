/** `/containers`: what begins, ends and describes containers. */
import { readCreateBody } from '#model/engine-api/create-request.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Containers } from '../../containers/containers.ts';
import { cgroupLayout } from '../../runtime/cgroup.ts';
import { containerForVersion, summaryForVersion } from '../for-version/containers.ts';
import { createForVersion } from '../for-version/create.ts';
import { parseInteger } from '../parse-time.ts';
import type { Call, Reply, Route } from '../route.ts';
import { checkpointRoutes } from './checkpoints.ts';

type WaitCondition = Parameters<Containers['wait']>[1];

const id = (call: Call): string => call.params['id'] ?? '';
const NO_CONTENT: Reply = { status: 204 };

/** A query parameter that is a whole number; undefined when it is missing. */
export function integer(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null || text === '') return undefined;
  return parseInteger(text, 'Atoi');
}

/** Rows and columns of a resize. */
export function windowSize(call: Call): [rows: number, columns: number] {
  const side = (name: 'h' | 'w', what: string): number => {
    const text = call.query.get(name) ?? '';
    const wrong = /^-?\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
    if (/^\d+$/.test(text) && Number(text) < 2 ** 32) return Number(text);
    throw new EngineError('invalid', `invalid resize ${what} ${JSON.stringify(text)}: ${wrong}`);
  };
  return [side('h', 'height'), side('w', 'width')];
}

async function create(containers: Containers, call: Call): Promise<Reply> {
  const given = await call.json();
  if (given === undefined) throw new EngineError('invalid', 'invalid JSON: got EOF while reading request body');
  const meant = createForVersion(readCreateBody(given), call.before, cgroupLayout().version === 2);
  const { id, warnings } = await containers.create({
    ...meant.body,
    name: call.query.get('name') ?? undefined,
    platform: call.before('1.41') ? undefined : (call.query.get('platform') ?? undefined),
  });
  return { status: 201, body: { Id: id, Warnings: [...warnings, ...meant.warnings] } };
}

async function list(containers: Containers, call: Call): Promise<Reply> {
  const body = await containers.list({
    all: call.flag('all'),
    limit: integer(call, 'limit'),
    size: call.flag('size'),
    filters: call.filters(),
  });
  return { status: 200, body: body.map((shown) => summaryForVersion(shown, call.before)) };
}

const CONDITIONS: readonly WaitCondition[] = ['not-running', 'next-exit', 'removed'];

/** Before 1.30 there was one condition, and no answer began before the end; before 1.34 none told that a removal failed. */
async function wait(containers: Containers, call: Call): Promise<undefined> {
  const asked = (!call.before('1.30') && call.query.get('condition')) || 'not-running';
  const condition = CONDITIONS.find((name) => name === asked);
  if (condition === undefined) throw new EngineError('invalid', `invalid condition: ${JSON.stringify(asked)}`);
  const exit = containers.wait(id(call), condition, call.signal);
  if (call.before('1.30')) await exit.catch(() => {});
  // The client goes on once it has the head of the answer: from then on no exit is missed.
  const stream = call.stream('application/json');
  try {
    const { code, error } = await exit;
    if (error !== '' && condition === 'removed' && call.before('1.34')) return undefined;
    await stream.json({ ...(error === '' ? {} : { Error: { Message: error } }), StatusCode: code });
  } catch (error) {
    if (!call.signal.aborted) await stream.json({ Error: { Message: messageOf(error) }, StatusCode: -1 });
  }
  return undefined;
}

/** Longer ones held a HostConfig once; docker-py sends `{}` or `null`. */
const LONGEST_EMPTY_BODY = 7;

async function start(containers: Containers, { request, query, ...call }: Call): Promise<Reply> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > LONGEST_EMPTY_BODY || request.headers['transfer-encoding'] !== undefined) {
    const text = 'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24';
    throw new EngineError('invalid', text);
  }
  if (query.get('checkpoint')) throw new EngineError('invalid', 'checkpoint is only supported in experimental mode');
  await containers.start(call.params['id'] ?? '');
  return NO_CONTENT;
}

const stopOptions = (call: Call): { timeout: number | undefined; signal: string | undefined } => ({
  timeout: integer(call, 't'),
  signal: call.before('1.42') ? undefined : call.query.get('signal') || undefined,
});

async function remove(containers: Containers, call: Call): Promise<Reply> {
  await containers.remove(id(call), {
    force: call.flag('force'),
    volumes: call.flag('v'),
    link: call.flag('link'),
  });
  return NO_CONTENT;
}

const done = async (work: Promise<void>): Promise<Reply> => {
  await work;
  return NO_CONTENT;
};

export function containerRoutes(containers: Containers): readonly Route[] {
  return [
    { method: 'POST', path: '/containers/create', handle: (call) => create(containers, call) },
    { method: 'GET', path: '/containers/json', handle: (call) => list(containers, call) },
    {
      method: 'GET',
      path: '/containers/{id*}/json',
      handle: async (call) => {
        const shown = await containers.inspect(id(call), call.flag('size'));
        return { status: 200, body: containerForVersion(shown, call.before) };
      },
    },
    { method: 'POST', path: '/containers/{id*}/start', handle: (call) => start(containers, call) },
    {
      method: 'POST',
      path: '/containers/{id*}/stop',
      handle: (call) => done(containers.stop(id(call), stopOptions(call))),
    },
    {
      method: 'POST',
      path: '/containers/{id*}/restart',
      handle: (call) => done(containers.restart(id(call), stopOptions(call))),
    },
    {
      method: 'POST',
      path: '/containers/{id*}/kill',
      handle: (call) => done(containers.kill(id(call), call.query.get('signal') ?? undefined)),
    },
    { method: 'POST', path: '/containers/{id*}/pause', handle: (call) => done(containers.pause(id(call))) },
    { method: 'POST', path: '/containers/{id*}/unpause', handle: (call) => done(containers.unpause(id(call))) },
    ...checkpointRoutes(),
    {
      method: 'POST',
      path: '/containers/{id*}/rename',
      handle: (call) => done(containers.rename(id(call), call.query.get('name') ?? '')),
    },
    {
      method: 'POST',
      path: '/containers/{id*}/resize',
      handle: async (call) => {
        await containers.resize(id(call), ...windowSize(call));
        return { status: 200 };
      },
    },
    { method: 'POST', path: '/containers/{id*}/wait', handle: (call) => wait(containers, call) },
    { method: 'DELETE', path: '/containers/{id*}', handle: (call) => remove(containers, call) },
  ];
}
