/** The real buildx and Compose, where this machine has them: plugins of the docker command line run on their own, too. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const FOLDERS = [
  path.join(process.env['DOCKER_CONFIG'] ?? path.join(homedir(), '.docker'), 'cli-plugins'),
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

/** Undefined when the machine has not got it. */
export function dockerPlugin(name: 'docker-buildx' | 'docker-compose'): string | undefined {
  return FOLDERS.map((folder) => path.join(folder, name)).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export interface PluginResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the plugin with a configuration of its own. */
export async function runPlugin(
  program: string,
  engine: { readonly url: string },
  args: readonly string[],
  { input = '', cwd }: { readonly input?: string; readonly cwd?: string } = {},
): Promise<PluginResult> {
  const config = mkdtempSync(path.join(tmpdir(), 'slipway-plugin-'));
  try {
    const env = { ...process.env, DOCKER_HOST: engine.url, DOCKER_CONFIG: config, NO_COLOR: '1' };
    const child = spawn(program, args, { env, cwd, timeout: 60_000 });
    child.stdin.end(input);
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, stdout, stderr };
  } finally {
    rmSync(config, { recursive: true, force: true });
  }
}
