/** `GET /containers/{id}/logs` */
import { EngineError } from '#model/engine-api/errors.ts';
import { logDetails } from '../logging/log-details.ts';
import { logReadable } from '../logging/log-drivers.ts';
import { createLogDecoder, type LogSelection } from '../runtime/log-format.ts';
import { readLog } from '../runtime/log-read.ts';
import { holdLog, isRunning, nextMoment } from './container.ts';
import type { ContainerContext } from './context.ts';
import { loggedContainer } from './log-shipping.ts';
import { containerPaths } from './rootfs.ts';

export interface LogsOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** With the attributes that the log options choose of labels and environment. */
  readonly details?: boolean;
  /** As log-format's instants. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Number of lines from the end; undefined: all. */
  readonly tail?: number | undefined;
}

export interface Logs {
  readonly terminal: boolean;
  /** Multiplexed frames, or the bytes alone with a terminal. */
  read(signal: AbortSignal): AsyncGenerator<Buffer>;
}

/** Throws EngineError('invalid') as Docker does when neither stream is asked for. */
export function containerLogs(context: ContainerContext, reference: string, options: LogsOptions): Logs {
  if (!options.stdout && !options.stderr) {
    throw new EngineError('invalid', 'Bad parameters: you must choose at least one stream');
  }
  const container = context.store.find(reference);
  const { Type = '', Config = {} } = container.record.hostConfig.LogConfig ?? {};
  if (!logReadable(Type, Config)) {
    throw new EngineError('not-implemented', 'configured logging driver does not support reading');
  }
  const terminal = container.record.config.Tty ?? false;
  const { logs } = containerPaths(context.dataRoot, container.id);
  return {
    terminal,
    async *read(signal) {
      const selection: LogSelection = {
        stdout: options.stdout,
        stderr: options.stderr,
        timestamps: options.timestamps,
        prefix: options.details ? `${logDetails(loggedContainer(container.record))} ` : '',
        framing: terminal ? 'raw' : 'multiplexed',
        framePerLine: true,
        ...(options.since === undefined ? {} : { since: options.since }),
        ...(options.until === undefined ? {} : { until: options.until }),
      };
      const decode = createLogDecoder(selection);
      const follow = options.follow && isRunning(container);
      using _held = holdLog(container);
      // The moment may have passed while the end is being dealt with: the run itself remembers.
      const end = container.run?.exited ?? nextMoment(container, 'ended');
      const ended = follow ? endOfLog(options, end) : undefined;
      for await (const lines of readLog(logs, { tail: options.tail, ended, signal })) {
        const chunk = decode(lines);
        if (chunk.length > 0) yield chunk;
      }
    },
  };
}

/** Following ends with the container, or at `until` when that is sooner. */
function endOfLog(options: LogsOptions, ended: Promise<unknown>): Promise<unknown> {
  if (options.until === undefined) return ended;
  const left = Date.parse(`${options.until}Z`) - Date.now();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, Math.min(left, 2 ** 31 - 1)));
  void ended.then(() => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}
