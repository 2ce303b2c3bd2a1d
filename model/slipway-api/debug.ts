/** What the engine answers under /slipway/v1/containers/{id}/…: ports, processes and debuggers of a running container. */

export type Runtime = 'node' | 'python' | 'java' | 'go' | 'dotnet';

/** A TCP port that something listens on in the container's network namespace, published or not. */
export interface ListeningPort {
  readonly port: number;
  /** As the listener bound it: `0.0.0.0`, `127.0.0.1`, `::` … */
  readonly address: string;
  /** In the container's pid namespace; undefined when the listener is not a process of this container. */
  readonly pid?: number;
  readonly argv?: readonly string[];
}

export interface ContainerProcess {
  /** In the container's own pid namespace. */
  readonly pid: number;
  readonly parent: number;
  readonly hostPid: number;
  readonly argv: readonly string[];
  /** Paths as the container sees them. */
  readonly cwd: string;
  readonly exe: string;
  /** undefined: a program of none of the known runtimes. */
  readonly runtime?: Runtime;
  /** Starts and restarts the real app (npm, nodemon, `node --watch` …): not what a debugger should attach to. */
  readonly launcher?: boolean;
  /** Part of Slipway's own editor server in the container. */
  readonly tooling?: boolean;
}

/** A host directory or file that the container sees; both absolute. */
export interface PathMount {
  readonly source: string;
  readonly destination: string;
}

export interface NodeDebugTarget {
  /** In the container's pid namespace. */
  readonly pid: number;
  /** Where the inspector listens inside the container; reach it through the relay. */
  readonly host: string;
  readonly port: number;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** What was looked at to find it, for the log: `npm run dev -> nodemon -> node server.js`. */
  readonly chain: string;
  readonly mounts: readonly PathMount[];
}

/** Several processes could be meant: the client asks for one of them and calls again with its pid. */
export interface NodeDebugChoice {
  readonly candidates: readonly ContainerProcess[];
}
