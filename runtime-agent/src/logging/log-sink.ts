/** What log drivers are made of: messages go into a sink that delivers them somewhere. */

/** How Docker splits a line that is too long, or that never ended. */
export interface PartialLine {
  readonly id: string;
  /** From 1. */
  readonly ordinal: number;
  readonly last: boolean;
}

export interface LogMessage {
  readonly stream: 'stdout' | 'stderr';
  /** Seconds and nanoseconds since the epoch. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Without its newline. */
  readonly line: Buffer;
  readonly partial?: PartialLine;
}

/** Delivers to one destination. */
export interface LogSink extends AsyncDisposable {
  /** How many messages one `send` takes at best; those that are sent one by one say 1. */
  readonly batch: number;
  /** Resolves when the destination, or the kernel on its behalf, has all of them; rejects to be tried again. */
  send(messages: readonly LogMessage[], signal: AbortSignal): Promise<void>;
}

/** The facts of a container that drivers send along and tags are made of. */
export interface LoggedContainer {
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  readonly imageId: string;
  readonly imageName: string;
  /** Entrypoint and arguments. */
  readonly command: readonly string[];
  readonly environment: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The log driver's options. */
  readonly options: Readonly<Record<string, string>>;
}

/** Connects a driver. Throws EngineError when the destination cannot be reached, which fails the container's start. */
export type OpenLogSink = (container: LoggedContainer) => Promise<LogSink>;
