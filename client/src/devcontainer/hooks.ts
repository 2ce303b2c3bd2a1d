/** Runs lifecycle commands, with their output in the log. */
import { spawn } from 'node:child_process';
import { EngineError } from '#model/engine-api/errors.ts';
import type { LifecycleCommand, LifecycleHook } from '#model/devcontainer/config.ts';
import { type LifecycleStep, lifecycleSteps } from '#model/devcontainer/lifecycle.ts';
import { execIn } from '../exec/exec.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { Steps } from './steps.ts';

export interface HookPlace {
  readonly connection: EngineConnection;
  readonly container: string;
  readonly user: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One command after the other; the steps of one in object form side by side. Throws when one fails. */
export async function runHook(
  hook: LifecycleHook,
  commands: readonly LifecycleCommand[],
  place: HookPlace,
  steps: Steps,
): Promise<void> {
  const { connection, container, user, cwd, env } = place;
  await runAll(hook, commands, steps, async (step, onOutput) => {
    const options = { argv: step.argv, user, cwd, env, signal: steps.signal, onOutput };
    return (await execIn(connection, container, options)).code;
  });
}

/** `initializeCommand`: on this machine, in the workspace's folder. */
export async function runInitialize(
  commands: readonly LifecycleCommand[],
  folder: string,
  steps: Steps,
): Promise<void> {
  await runAll(
    'initializeCommand',
    commands,
    steps,
    async ({ argv }, onOutput) => await runLocal(argv, folder, steps.signal, onOutput),
  );
}

type RunStep = (step: LifecycleStep, onOutput: (text: string) => void) => Promise<number>;

async function runAll(
  hook: LifecycleHook,
  commands: readonly LifecycleCommand[],
  steps: Steps,
  run: RunStep,
): Promise<void> {
  for (const command of commands) {
    const parts = lifecycleSteps(command);
    if (parts.length === 0) continue;
    steps.begin(`Running ${hook}`);
    const results = await Promise.all(
      parts.map(async (step) => {
        const prefix = step.name === undefined ? '' : `[${step.name}] `;
        steps.log(`${prefix}$ ${step.display}\n`);
        return { step, code: await run(step, prefixed(prefix, steps)) };
      }),
    );
    const failed = results.find(({ code }) => code !== 0);
    if (failed === undefined) continue;
    throw new EngineError('invalid', `${hook} failed with exit code ${failed.code}: ${failed.step.display}`);
  }
}

/** Output of commands that run side by side is told apart by their names. */
function prefixed(prefix: string, steps: Steps): (text: string) => void {
  if (prefix === '') return (text) => steps.log(text);
  let lineStart = true;
  return (text) => {
    const marked = text.replaceAll(/^(?!$)/gm, (_, offset: number) => (offset > 0 || lineStart ? prefix : ''));
    lineStart = text.endsWith('\n');
    steps.log(marked);
  };
}

function runLocal(
  argv: readonly string[],
  cwd: string,
  signal: AbortSignal,
  onOutput: (text: string) => void,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onOutput);
  child.on('error', (error) => {
    if (signal.aborted) reject(new EngineError('cancelled', 'Cancelled.', { cause: error }));
    else reject(new EngineError('invalid', `initializeCommand cannot be run: ${error.message}`, { cause: error }));
  });
  child.on('close', (code) => resolve(code ?? 1));
  return promise;
}
