/** An exec as the engine holds it in memory; it does not outlive its container's run. */

export interface ExecConfig {
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly privileged: boolean;
  readonly detachKeys: string;
  /** Rows and columns of a terminal, unless its start says otherwise. */
  readonly consoleSize?: readonly number[] | undefined;
}

export interface Exec {
  readonly id: string;
  readonly config: ExecConfig;
  state: 'created' | 'running' | 'ended';
  exitCode: number | undefined;
  /** Of the process on the host; 0 before it runs; it stays when it has ended. */
  pid: number;
}
