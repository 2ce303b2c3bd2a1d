/**
 * Runs an OCI bundle to its end with streamed output, as `RUN` of a build needs it: no conmon, no log, nothing survives
 * the engine.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { findProgram } from '../host/tools.ts';
import { RUNTIME_ENV } from './conmon.ts';
import { runtimeFailure } from './failure.ts';
import { runtimePaths } from './paths.ts';

export interface Step {
  /** Unique among the containers and steps of this engine. */
  readonly id: string;
  /** OCI runtime spec; `process.terminal` must be false. */
  readonly spec: object;
  /** Called with each piece of output as it comes. */
  readonly output: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** Kills the step. */
  readonly signal?: AbortSignal;
}

export interface StepRunner {
  /**
   * Resolves with the exit code, 128 + n for signal n. Throws EngineError: 'cancelled' when aborted, Docker's words when
   * the process could not be started at all.
   */
  run(step: Step): Promise<number>;
}

export interface StepRunnerOptions {
  readonly host: Host;
  readonly execRoot: string;
  readonly ociRuntime?: string;
}

export function createStepRunner({ host, execRoot, ociRuntime = 'runc' }: StepRunnerOptions): StepRunner {
  const { root, bundles } = runtimePaths(execRoot);
  return {
    async run(step) {
      host.expectCgroupMove();
      const program = findProgram(ociRuntime) ?? ociRuntime;
      const bundle = path.join(bundles, `step-${step.id}`);
      const log = path.join(bundle, 'runtime.log');
      await mkdir(bundle, { recursive: true, mode: 0o700 });
      await writeFile(path.join(bundle, 'config.json'), JSON.stringify(step.spec), { mode: 0o600 });
      const remove = (): Promise<unknown> =>
        host.run(program, [`--root=${root}`, 'delete', '--force', step.id], { env: RUNTIME_ENV, onFailure: 'return' });
      let child: HostProcess | undefined;
      const abort = (): void => {
        child?.kill('SIGKILL');
        void remove();
      };
      try {
        step.signal?.throwIfAborted();
        const args = [`--root=${root}`, `--log=${log}`, 'run', `--bundle=${bundle}`, step.id];
        child = host.spawn(program, args, { env: RUNTIME_ENV, stdin: 'ignore', detached: true });
        child.stdout?.on('data', (chunk: Buffer) => step.output('stdout', chunk));
        child.stderr?.on('data', (chunk: Buffer) => step.output('stderr', chunk));
        step.signal?.addEventListener('abort', abort, { once: true });
        const code = await child.exited;
        if (step.signal?.aborted) throw new EngineError('cancelled', 'the step was cancelled');
        // The runtime logs its own failures there; the step's output cannot be mistaken for one.
        const failure = code === 0 ? '' : await readFile(log, 'utf8').catch(() => '');
        if (failure.includes('runc run failed')) throw runtimeFailure('create', failure);
        return code;
      } finally {
        step.signal?.removeEventListener('abort', abort);
        if (step.signal?.aborted) await remove();
        await rm(bundle, { recursive: true, force: true });
      }
    },
  };
}
