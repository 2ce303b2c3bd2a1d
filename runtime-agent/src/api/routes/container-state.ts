/** `/containers/{id}/update`, `/top`, `/stats` and `/containers/prune` */
import { readUpdateBody } from '#model/engine-api/create-request.ts';
import { untilTime } from '#model/engine-api/filter-values.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Containers } from '../../containers/containers.ts';
import type { Call, Reply, Route } from '../route.ts';

const id = (call: Call): string => call.params['id'] ?? '';

async function update(containers: Containers, call: Call): Promise<Reply> {
  const { PidsLimit, KernelMemory, ...changes } = readUpdateBody(await call.json());
  const warnings = await containers.update(id(call), {
    ...changes,
    ...(PidsLimit !== undefined && !call.before('1.40') && { PidsLimit }),
    ...(KernelMemory !== undefined && call.before('1.42') && { KernelMemory }),
  });
  return { status: 200, body: { Warnings: warnings.length === 0 ? null : warnings } };
}

async function stats(containers: Containers, call: Call): Promise<Reply | undefined> {
  const options = { stream: call.flag('stream', true), oneShot: !call.before('1.41') && call.flag('one-shot') };
  containers.mustExist(id(call));
  if (options.stream && options.oneShot) throw new EngineError('invalid', 'cannot have stream=true and one-shot=true');
  const samples = containers.stats(id(call), options, call.signal);
  const first = await samples.next();
  if (!options.stream && !first.done) return { status: 200, body: first.value };
  const stream = call.stream('application/json');
  try {
    if (!first.done) await stream.json(first.value);
    for await (const sample of samples) await stream.json(sample);
  } catch (error) {
    if (!call.signal.aborted) throw error;
  }
  return undefined;
}

async function prune(containers: Containers, call: Call): Promise<Reply> {
  const filters = call.filters();
  return { status: 200, body: await containers.prune({ filters, until: untilTime(filters, Date.now()) }) };
}

export function containerStateRoutes(containers: Containers): readonly Route[] {
  return [
    { method: 'POST', path: '/containers/{id*}/update', handle: (call) => update(containers, call) },
    { method: 'POST', path: '/containers/prune', handle: (call) => prune(containers, call) },
    {
      method: 'GET',
      path: '/containers/{id*}/top',
      handle: async (call) => ({ status: 200, body: await containers.top(id(call), call.query.get('ps_args') ?? '') }),
    },
    { method: 'GET', path: '/containers/{id*}/stats', handle: (call) => stats(containers, call) },
  ];
}
