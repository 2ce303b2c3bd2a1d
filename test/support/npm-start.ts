/** `npm start` as a person runs it, from its first line to Ctrl-C. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { cachePath } from '../../tools/setup/cache.ts';
import { waitFor } from './machine.ts';

const START = path.resolve(import.meta.dirname, '../../tools/start/main.ts');

export interface Started {
  readonly process: ChildProcess;
  /** Everything it has written. */
  output(): string;
  /** The address that it prints when it is ready. Throws with its output when it ends before. */
  readyUrl(timeoutMs: number): Promise<string>;
}

/**
 * @param home HOME of the person; what set-up has fetched before is found nevertheless
 * @param spawn where it runs
 */
export function npmStart(
  home: string,
  args: readonly string[],
  spawn: (program: string, args: readonly string[], env: NodeJS.ProcessEnv) => ChildProcess,
): Started {
  const { NODE_TEST_CONTEXT: _, ...ours } = process.env;
  const env = { ...ours, HOME: home, XDG_CACHE_HOME: path.dirname(cachePath()) };
  const child = spawn(process.execPath, ['--no-warnings', START, ...args], env);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    process: child,
    output: () => output,
    async readyUrl(timeoutMs) {
      await waitFor(
        () => / is ready: /.test(output) || child.exitCode !== null,
        () => `npm start did not get ready:\n${output}`,
        timeoutMs,
      );
      const url = /^Slipway is ready: (http:\/\/127\.0\.0\.1:\d+\/\?folder=\S+)$/m.exec(output)?.[1];
      if (url === undefined) throw new Error(`npm start ended:\n${output}`);
      return url;
    },
  };
}

/** As Ctrl-C does. @param pid of npm start itself; default: the process that was started */
export async function interrupt({ process: child }: Started, pid = child.pid ?? 0): Promise<number | null> {
  const exited = once(child, 'exit');
  process.kill(pid, 'SIGINT');
  await exited;
  return child.exitCode;
}
