/** Runs the stock docker command line against an engine. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dockerCli } from '../../tools/setup/docker-cli.ts';

export interface DockerResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface DockerOptions {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Ends the command with an error; default: a minute. */
  readonly timeoutMs?: number;
}

interface Reachable {
  readonly url: string;
}

const TIMEOUT_MS = 60_000;

/** Runs `docker ARGS` and throws, with what it printed, when it fails. */
export async function docker(engine: Reachable, ...args: readonly string[]): Promise<DockerResult> {
  const result = await tryDocker(engine, args);
  if (result.code !== 0) {
    throw new Error(`docker ${args.join(' ')}: exit ${result.code}\n${result.stdout}${result.stderr}`);
  }
  return result;
}

/** Like docker(), but a failure is a result too, and there are options. */
export async function tryDocker(
  engine: Reachable,
  args: readonly string[],
  options: DockerOptions = {},
): Promise<DockerResult> {
  const program = await dockerCli();
  if (program === undefined) throw new Error("there is no docker command line: run 'npm run setup'");
  // Without the developer's own contexts, logins and plugins (buildx would come with a builder of its own).
  const config = mkdtempSync(path.join(tmpdir(), 'slipway-docker-'));
  try {
    const env = {
      ...process.env,
      DOCKER_HOST: engine.url,
      DOCKER_CONFIG: config,
      DOCKER_BUILDKIT: '0',
      ...options.env,
    };
    return await collect(program, args, { ...options, env });
  } finally {
    rmSync(config, { recursive: true, force: true });
  }
}

/** The command under script(1), which gives it a terminal, as `-it` wants; stdout and stderr arrive as one. */
export async function dockerOnTerminal(
  engine: Reachable,
  args: readonly string[],
  options: DockerOptions = {},
): Promise<DockerResult> {
  const program = await dockerCli();
  if (program === undefined) throw new Error("there is no docker command line: run 'npm run setup'");
  const quoted = [program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const env = { ...process.env, DOCKER_HOST: engine.url, TERM: 'xterm', ...options.env };
  return collect('script', ['--quiet', '--return', '--command', quoted, '/dev/null'], { ...options, env });
}

function collect(program: string, args: readonly string[], options: DockerOptions): Promise<DockerResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: options.env, cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => undefined); // a command need not read all of its input
    child.stdin.end(options.input ?? '');
    const limit = options.timeoutMs ?? TIMEOUT_MS;
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`docker ${args.join(' ')}: no end after ${limit} ms\n${stdout}${stderr}`));
    }, limit);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? (signal === null ? 1 : 128), stdout, stderr });
    });
  });
}
