/**
 * One shell that stays and starts small programs for the engine. Node holds up its only thread for every program that it
 * starts, by 1.5 ms when the machine is idle and by 5 to 10 when it is busy, because it copies its own page tables and waits
 * for exec(2); a shell forks in a fraction of that, and not in the engine.
 * See docs/decisions/0015-mounts-through-a-standing-shell.md.
 */
import { EngineError } from '#model/engine-api/errors.ts';
import { openShell, type Shell, type ShellResult } from './shell-process.ts';

export interface ShellCommand {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd?: string;
  /** Besides PATH and a plain LC_ALL, which is all that is the engine's: what a program says and does is the same everywhere. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where stdout goes; then only stderr is told. */
  readonly stdoutFile?: string;
  /** What the program reads; nothing without it. */
  readonly input?: string;
}

/** Paths of FIFOs or files; what is not given is /dev/null. */
export interface LaunchStreams {
  /** Read for the program by cat(1): to open /dev/stdin again would wait for a writer if it was a FIFO itself. */
  readonly stdin?: string | undefined;
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
  /** File descriptor 3, to be written. */
  readonly report?: string | undefined;
}

export interface StandingShell {
  /** Whether a program would wait for another one. */
  busy(): boolean;
  /**
   * Runs the programs one after the other, in the order of the calls; for such as end soon. Throws EngineError('internal')
   * when there is no shell, or it ended before it told how the program ended: then nobody knows whether it ran.
   */
  run(command: ShellCommand): Promise<ShellResult>;
  /**
   * Starts a program that outlives the shell and the engine, and gives its pid as soon as it has its streams. Nobody waits for
   * the other end of a FIFO. Throws EngineError('internal') when it cannot be started.
   */
  launch(command: Omit<ShellCommand, 'stdoutFile' | 'input'>, streams: LaunchStreams): Promise<number>;
  /** Ends the shell, unless it is at work, until it is needed again. */
  rest(): void;
}

/** The shell starts with the first command, ends with the engine however that ends, and is replaced when it is ended before. */
export function createStandingShell(): StandingShell {
  let current: Shell | undefined;
  const run = ({ argv }: ShellCommand, text: string): Promise<ShellResult> => {
    if (text.includes('\0')) return Promise.reject(new EngineError('invalid', `${argv[0]}: a NUL in an argument`));
    if (current === undefined || current.ended()) current = openShell(['-s']);
    return current.run(text);
  };
  return {
    busy: () => current?.busy() ?? false,
    run: (command) => run(command, scriptOf(command)),
    async launch(command, streams) {
      const { code, output } = await run(command, launchScriptOf(command, streams));
      if (code === 0 && /^\d+$/.test(output)) return Number(output);
      throw new EngineError('internal', `cannot start ${command.argv[0]}: ${output}`);
    },
    rest() {
      if (current?.busy()) return;
      current?.end();
      current = undefined;
    },
  };
}

/** One line of input that answers with the exit code, what was said, and a NUL. */
function scriptOf({ argv, cwd = '/', env = {}, stdoutFile, input }: ShellCommand): string {
  // The assignments are a subshell's own: it becomes the program.
  const program = [`cd ${quoted(cwd)} &&`, ...assignments(env), 'exec', ...argv.map(quoted)].join(' ');
  const streams = stdoutFile === undefined ? '2>&1' : `2>&1 >${quoted(stdoutFile)}`;
  if (input === undefined) return answering(`${program} ${streams} </dev/null`);
  return answering(`printf %s ${quoted(input)} | { ${program} ${streams}; }`);
}

/**
 * The subshell opens what will be the program's, so that the answer tells that it is open: a FIFO first for both reading and
 * writing, which waits for nobody. What runs in the background would have /dev/null as its stdin: that is kept aside as 8.
 */
function launchScriptOf({ argv, cwd = '/', env = {} }: ShellCommand, streams: LaunchStreams): string {
  const { stdin, stdout = '/dev/null', stderr = '/dev/null', report } = streams;
  const files: readonly (readonly [direction: string, file: string | undefined])[] = [
    ['8<', stdin ?? '/dev/null'],
    ['1>', stdout],
    ['3>', report],
    ['2>', stderr],
  ];
  const opened = files.flatMap(([direction, file]) =>
    file === undefined ? [] : [`7<>${quoted(file)} ${direction}${quoted(file)} 7>&-`],
  );
  const program = [...assignments(env), ...argv.map(quoted)].join(' ');
  const started = stdin === undefined ? `${program} <&8` : `cat <&8 8<&- 9>&- 2>/dev/null 3>&- | ${program}`;
  const start = `exec ${opened.join(' ')} && { ${started} 8<&- 9>&- & echo $! >&9; }`;
  return answering(`exec 9>&1 2>&1; cd ${quoted(cwd)} && ${start}`);
}

function assignments(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
}

function answering(script: string): string {
  return `said=$(${script}); printf '%s\\n%s\\0' "$?" "$said"`;
}

export function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
