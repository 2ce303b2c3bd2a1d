/**
 * The port to the kernel and to programs. Everything privileged that the engine does goes through here, so that a
 * rootless implementation can replace it. Plain file work uses node:fs.
 */
import type { Readable, Writable } from 'node:stream';
import type { LaunchStreams } from './standing-shell.ts';
import type { IdMapping } from './id-mapping.ts';

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Default: 'throw'. With 'return' the caller looks at `code` itself. */
  readonly onFailure?: 'throw' | 'return';
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: 'pipe' | 'ignore' | number;
  readonly stdout?: 'pipe' | 'ignore' | number;
  readonly stderr?: 'pipe' | 'ignore' | number;
  /** Own session and process group, not ended with the engine. */
  readonly detached?: boolean;
}

export interface LaunchOptions extends LaunchStreams {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface HostProcess {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Resolves when the process has ended and its streams are closed; 128 + n when killed by signal n. */
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals | number): void;
}

export interface OverlayMount {
  /** Layer directories, the topmost first. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly target: string;
}

export interface Host {
  /** Who on this host the containers' users are; files of containers belong to these. */
  readonly ids: IdMapping;
  /** Runs a program to its end. Throws EngineError('internal') with its stderr when it fails. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts a program whose streams the caller wants. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): HostProcess;
  /**
   * Runs a program that ends soon, with nothing of the engine's environment but PATH, and its stdout in a file: cheaper than
   * `run`, see standing-shell.ts. Throws EngineError('internal') with its stderr when it fails.
   */
  runToFile(
    command: string,
    args: readonly string[],
    to: { readonly cwd: string; readonly file: string },
  ): Promise<void>;
  /**
   * Runs a program that ends soon, with nothing of the engine's environment but PATH: cheaper than `run`, see
   * standing-shell.ts. Throws EngineError('internal') with what it said when it fails.
   */
  runShort(command: string, args: readonly string[], input?: string): Promise<void>;
  /**
   * Starts a program that outlives the engine, with FIFOs or files as its streams and file descriptor 3: much cheaper than
   * `spawn`, see standing-shell.ts. Gives its pid once the streams are open. Throws EngineError('internal').
   */
  launch(command: string, args: readonly string[], options: LaunchOptions): Promise<number>;
  /**
   * Keeps a FIFO open for reading, also for five seconds after the engine was killed, and gives what lets go of it. Throws
   * EngineError('internal').
   */
  holdFifo(fifo: string): Promise<() => void>;
  /**
   * Which of these files have capabilities (capabilities(7)); absolute paths, of which nobody follows the last link. What is
   * not there has none. Throws EngineError('internal') when it cannot be found out.
   */
  withCapabilities(files: readonly string[]): Promise<ReadonlySet<string>>;
  mountOverlay(mount: OverlayMount): Promise<void>;
  /** mount(8) with the given arguments. */
  mount(args: readonly string[]): Promise<void>;
  /** Lazily unmounts; a target that is not mounted is no error. */
  unmount(target: string): Promise<void>;
  /** Lets go of what stands ready for programs: there is nothing to do. The next ones start 2 ms later. */
  rest(): void;
  /** A program that is being started will soon move a process into a cgroup: what that waits for begins now. Cannot fail. */
  expectCgroupMove(): void;
  /** Sends a signal by number or name to a process of the host; false when it does not exist. */
  kill(pid: number, signal: number): boolean;
}
