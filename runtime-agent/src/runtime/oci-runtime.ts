/** The verbs of an OCI runtime's command line (runc(8)) that the engine uses beside `create`, which conmon calls. */
import path from 'node:path';
import type { Host } from '../host/host.ts';
import { RUNTIME_ENV } from './conmon.ts';
import { runtimeFailure, runtimeMessage } from './failure.ts';
import { EngineError } from '#model/engine-api/errors.ts';

export interface OciRuntime {
  readonly program: string;
  readonly root: string;
  /** Lets a created container's process run. */
  start(id: string): Promise<void>;
  /** Removes what the runtime keeps of a container; with `force` kills it first. Nothing there is no error. */
  remove(id: string, force: boolean): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Changes limits (`linux.resources` of the runtime spec) while the container runs. */
  update(id: string, resources: object): Promise<void>;
}

export interface OciRuntimeOptions {
  readonly host: Host;
  readonly program: string;
  readonly root: string;
}

export function createOciRuntime({ host, program, root }: OciRuntimeOptions): OciRuntime {
  const call = async (args: readonly string[], input?: string): Promise<void> => {
    const result = await host.run(program, [`--root=${root}`, ...args], {
      env: RUNTIME_ENV,
      onFailure: 'return',
      ...(input === undefined ? {} : { input }),
    });
    if (result.code === 0) return;
    if (args[0] === 'start') throw runtimeFailure('start', result.stderr);
    throw new EngineError('internal', `${path.basename(program)} ${args[0]} failed: ${runtimeMessage(result.stderr)}`);
  };
  return {
    program,
    root,
    start: (id) => call(['start', id]),
    async remove(id, force) {
      const args = [`--root=${root}`, 'delete', ...(force ? ['--force'] : []), id];
      const result = await host.run(program, args, { env: RUNTIME_ENV, onFailure: 'return' });
      if (result.code === 0 || /does not exist/.test(result.stderr)) return;
      throw new EngineError('internal', `${path.basename(program)} delete failed: ${runtimeMessage(result.stderr)}`);
    },
    pause: (id) => call(['pause', id]),
    resume: (id) => call(['resume', id]),
    update: (id, resources) => call(['update', '--resources', '-', id], JSON.stringify(resources)),
  };
}
