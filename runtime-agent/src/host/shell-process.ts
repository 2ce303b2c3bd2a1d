/** A shell that the engine gives one line after the other, each of which it answers. It ends with the engine, however that ends. */
import { spawn } from 'node:child_process';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { holdChild } from './hold-child.ts';
import { PLAIN_ENVIRONMENT } from './plain-environment.ts';

export interface ShellResult {
  readonly code: number;
  /** What the script said, without the newlines at the end. */
  readonly output: string;
}

export interface Shell {
  /** It was ended, or cannot be started: there has to be another one. */
  ended(): boolean;
  busy(): boolean;
  /**
   * @param script a whole command, which prints an exit code, a newline, words and a NUL
   * Throws EngineError('internal') when the shell ends before it has answered.
   */
  run(script: string): Promise<ShellResult>;
  /** It is needed no more. */
  end(): void;
}

interface Waiting {
  readonly resolve: (result: ShellResult) => void;
  readonly reject: (error: Error) => void;
}

/** @param args of sh(1): it must take one script after the other from its stdin */
export function openShell(args: readonly string[]): Shell {
  // In a session of its own: a Ctrl-C is for the engine, which has things to unmount then.
  const child = spawn('sh', args, {
    cwd: '/',
    env: PLAIN_ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const waiting: Waiting[] = [];
  let ended = false;
  let answer = '';
  const fail = (why: string): void => {
    ended = true;
    for (const { reject } of waiting.splice(0)) reject(new EngineError('internal', why));
  };
  child.on('error', (error) => fail(`cannot start sh: ${messageOf(error)}`));
  child.on('close', () => fail('a shell of the engine was ended from outside: try again'));
  child.stdin.on('error', () => (ended = true)); // `close` follows
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const frames = (answer + text).split('\0');
    answer = frames.pop() ?? '';
    for (const frame of frames) waiting.shift()?.resolve(resultOf(frame));
    if (waiting.length === 0) holdChild(child, false);
  });
  holdChild(child, false); // only while a command runs
  return {
    ended: () => ended,
    busy: () => waiting.length > 0,
    run: (script) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        holdChild(child, true);
        child.stdin?.write(`${script}\n`);
      }),
    end: () => void child.stdin.end(),
  };
}

function resultOf(frame: string): ShellResult {
  const newline = frame.indexOf('\n');
  return { code: Number(frame.slice(0, newline)), output: frame.slice(newline + 1) };
}
