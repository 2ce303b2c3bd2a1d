/** Runs a program of the set-up: its output is shown only when it fails. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line that the program prints. */
  readonly onLine?: (line: string) => void;
  /** After that it is ended and has failed. */
  readonly timeoutMs?: number;
}

const TAIL_LINES = 15;

/** Resolves with what the program wrote to stdout; rejects with the last lines of its output when it fails. */
export function runProgram(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? plainEnvironment(),
      timeout: options.timeoutMs,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let all = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    function take(text: string): void {
      all += text;
      for (const line of text.split('\n')) if (line.trim() !== '') options.onLine?.(line.trim());
    }
    child.on('error', (error) => reject(new Error(`cannot run ${command}: ${error.message}`, { cause: error })));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const tail = all.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
      reject(
        new Error(`'${[path.basename(command), ...args].join(' ')}' failed (${signal ?? `exit ${code}`}):\n${tail}`),
      );
    });
  });
}

/**
 * Our environment without what `npm run` and we have put there. An inner npm would behave otherwise by it; run by our Node
 * it would also read another global npmrc than the person's npm, and so miss their registry, proxy and certificates.
 * Messages in English.
 */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== 'NODE_OPTIONS');
  const folders = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('/node_modules/'));
  return { ...Object.fromEntries(kept), PATH: folders.join(':'), LC_ALL: 'C.UTF-8' };
}

/** The program's path, also when it is in a directory that only root's PATH has; undefined when it is not there. */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return directories
    .filter((directory) => path.isAbsolute(directory))
    .map((directory) => path.join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
