/** The command `slipway`, above all `slipway build`, from the sources. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';

const SOURCE = path.resolve(import.meta.dirname, '../../runtime-agent/src/main.ts');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BuildCommandOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** `slipway build ARGS` against the engine; a failure is a result. */
export function slipwayBuild(
  engine: { readonly url: string },
  args: readonly string[],
  options?: BuildCommandOptions,
): Promise<Ended> {
  return slipway(engine, ['build', ...args], options);
}

/** `slipway ARGS` against the engine; a failure is a result. */
export function slipway(
  engine: { readonly url: string },
  args: readonly string[],
  { input = '', env = {}, cwd }: BuildCommandOptions = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, DOCKER_HOST: engine.url, NODE_NO_WARNINGS: '1', ...env };
    const child = spawn(process.execPath, [SOURCE, ...args], { env: environment, cwd });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? 1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
    child.stdin.end(input);
  });
}

/** The same; a failure fails the test. */
export async function builtBySlipway(...call: Parameters<typeof slipwayBuild>): Promise<Ended> {
  const ended = await slipwayBuild(...call);
  assert.equal(ended.code, 0, ended.stderr);
  return ended;
}
