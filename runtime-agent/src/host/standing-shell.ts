/**
 * One shell that stays and starts small programs for the engine. Node holds up its only thread for every program that it
 * starts, by 1.5 ms when the machine is idle and by 5 to 10 when it is busy, because it copies its own page tables and waits
 * for exec(2); a shell forks in a fraction of that, and not in the engine.
 * See docs/decisions/0015-mounts-through-a-standing-shell.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';

export interface ShellCommand {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd?: string;
  /** Besides PATH and a plain LC_ALL, which is all that is the engine's: what a program says and does is the same everywhere. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where stdout goes; then only stderr is told. */
  readonly stdoutFile?: string;
}

export interface ShellResult {
  readonly code: number;
  /** stdout, unless it goes to a file, and stderr, without the newlines at the end. */
  readonly output: string;
}

export interface StandingShell {
  /**
   * Runs the programs one after the other, in the order of the calls; for such as end soon. Throws EngineError('internal')
   * when there is no shell, or it ended before it told how the program ended: then nobody knows whether it ran.
   */
  run(command: ShellCommand): Promise<ShellResult>;
}

interface Waiting {
  readonly resolve: (result: ShellResult) => void;
  readonly reject: (error: Error) => void;
}

/** The shell starts with the first command, ends with the engine however that ends, and is replaced when it is killed. */
export function createStandingShell(): StandingShell {
  let current: Shell | undefined;
  return {
    run(command) {
      const text = scriptOf(command);
      if (text.includes('\0'))
        return Promise.reject(new EngineError('invalid', `${command.argv[0]}: a NUL in an argument`));
      if (current === undefined || current.ended()) current = openShell();
      return current.run(text);
    },
  };
}

interface Shell {
  ended(): boolean;
  run(script: string): Promise<ShellResult>;
}

function openShell(): Shell {
  // In a session of its own: a Ctrl-C is for the engine, which has things to unmount then.
  const env = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  const child = spawn('sh', ['-s'], { cwd: '/', env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const waiting: Waiting[] = [];
  let ended = false;
  let answer = '';
  const fail = (why: string): void => {
    ended = true;
    for (const { reject } of waiting.splice(0)) reject(new EngineError('internal', why));
  };
  child.on('error', (error) => fail(`cannot start sh: ${messageOf(error)}`));
  child.on('close', () => fail('the shell that mounts file systems was ended: try again'));
  child.stdin.on('error', () => (ended = true)); // `close` follows
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const frames = (answer + text).split('\0');
    answer = frames.pop() ?? '';
    for (const frame of frames) waiting.shift()?.resolve(resultOf(frame));
    if (waiting.length === 0) hold(child, false);
  });
  hold(child, false);
  return {
    ended: () => ended,
    run: (script) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        hold(child, true);
        child.stdin?.write(script);
      }),
  };
}

/** Whether the engine's process stays for the shell: only while a command runs. */
function hold(child: ChildProcess, held: boolean): void {
  for (const one of [child, child.stdin as Socket | null, child.stdout as Socket | null]) {
    if (held) one?.ref();
    else one?.unref();
  }
}

/** One line of input that answers with the exit code, what was said, and a NUL. */
function scriptOf({ argv, cwd = '/', env = {}, stdoutFile }: ShellCommand): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  // The assignments are a subshell's own: it becomes the program.
  const program = [`cd ${quoted(cwd)} &&`, ...variables, 'exec', ...argv.map(quoted)].join(' ');
  const streams = stdoutFile === undefined ? '2>&1' : `2>&1 >${quoted(stdoutFile)}`;
  return `said=$(${program} ${streams} </dev/null); printf '%s\\n%s\\0' "$?" "$said"\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function resultOf(frame: string): ShellResult {
  const newline = frame.indexOf('\n');
  return { code: Number(frame.slice(0, newline)), output: frame.slice(newline + 1) };
}
