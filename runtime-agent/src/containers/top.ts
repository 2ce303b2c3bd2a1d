/** `GET /containers/{id}/top`: the host's ps(1), cut down to the container's processes. */
import { EngineError } from '#model/engine-api/errors.ts';
import { cgroupProcesses } from '../runtime/cgroup.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';
import { cgroupPath } from './spec/spec.ts';

export interface Top {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

/** The columns of ps, the last one taking the rest of the line. @param pids those of the container */
export function parsePs(output: string, pids: ReadonlySet<number>): Top {
  const [head = '', ...lines] = output.split('\n');
  const titles = head.trim().split(/\s+/);
  const at = titles.indexOf('PID');
  if (at < 0) throw new EngineError('internal', "Couldn't find PID field in ps output");
  const rows = lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const words = line.trim().split(/\s+/);
      return [...words.slice(0, titles.length - 1), words.slice(titles.length - 1).join(' ')];
    });
  return { Titles: titles, Processes: rows.filter((row) => pids.has(Number(row[at]))) };
}

export async function topContainer(context: ContainerContext, reference: string, psArgs: string): Promise<Top> {
  const container = context.store.find(reference);
  checkVerb('top', container.record.state.status, container.id);
  const args = (psArgs || '-ef').split(/\s+/).filter((word) => word !== '');
  const { code, stdout, stderr } = await context.host.run('ps', args, { onFailure: 'return' });
  if (code !== 0) throw new EngineError('internal', `ps: ${stderr.trim().split('\n')[0] ?? ''}`);
  const pids = await cgroupProcesses(cgroupPath(container.id, container.record.hostConfig));
  publish(context, container, 'top');
  return parsePs(stdout, new Set(pids));
}
