/** Ties the log drivers that send logs away to the lives of containers. */
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { deliveryPolicy } from '../logging/delivery-policy.ts';
import { logDetails } from '../logging/log-details.ts';
import { logSinkOf } from '../logging/log-drivers.ts';
import type { LoggedContainer, LogSink, OpenLogSink } from '../logging/log-sink.ts';
import { shipLog } from '../logging/ship-log.ts';
import { openShippedPosition } from '../logging/shipped-position.ts';
import { type Container, holdLog } from './container.ts';
import type { ContainerContext } from './context.ts';
import { logLimits } from './log-rotation.ts';
import type { LogShipping } from './log-shipping-state.ts';
import type { ContainerRecord } from './record.ts';
import { containerPaths } from './rootfs.ts';
import { commandLine } from './spec/process.ts';

/** As Docker's loggerCloseTimeout. */
const LAST_LINES_MS = 10_000;

/** The facts of a container that log drivers send along. */
export function loggedContainer(record: ContainerRecord): LoggedContainer {
  const { config } = record;
  return {
    id: record.id,
    name: record.name,
    created: record.created,
    imageId: record.image,
    imageName: config.Image ?? '',
    command: commandLine(config),
    environment: config.Env ?? [],
    labels: config.Labels ?? {},
    options: record.hostConfig.LogConfig?.Config ?? {},
  };
}

function opener(record: ContainerRecord): OpenLogSink | undefined {
  return logSinkOf(record.hostConfig.LogConfig?.Type ?? '');
}

/** Connects when it is first used: a log server that is away must not keep an engine from starting. */
function lazySink(open: OpenLogSink, container: LoggedContainer): LogSink {
  let sink: LogSink | undefined;
  return {
    batch: 1,
    async send(messages, signal) {
      sink ??= await open(container);
      await sink.send(messages, signal);
    },
    [Symbol.asyncDispose]: async () => await sink?.[Symbol.asyncDispose](),
  };
}

/**
 * Before a container starts: looks at its log's options and connects its driver. undefined when the log stays here.
 * Throws EngineError in Docker's words when they are none, or the destination is not there.
 */
export async function connectLog(record: ContainerRecord): Promise<LogSink | undefined> {
  try {
    logLimits(record.hostConfig);
    const open = opener(record);
    if (open !== undefined) return await open(loggedContainer(record));
    logDetails(loggedContainer(record)); // what cannot be written later is refused now
    return undefined;
  } catch (error) {
    const text = `failed to create task for container: failed to initialize logging driver: ${messageOf(error)}`;
    throw new EngineError('internal', text, { cause: error });
  }
}

async function ship(context: ContainerContext, container: Container, sink: LogSink, signal: AbortSignal) {
  const paths = containerPaths(context.dataRoot, container.id);
  const { LogConfig: config } = container.record.hostConfig;
  using _held = holdLog(container);
  await using _sink = sink;
  using position = openShippedPosition(path.join(paths.directory, 'log-sent'));
  await shipLog({
    directory: paths.logs,
    sink,
    position,
    ended: container.run?.exited ?? Promise.resolve(),
    signal,
    policy: deliveryPolicy(config?.Type ?? '', config?.Config ?? {}),
    warn: (message, error) => context.warn(`log of container ${container.record.name}: ${message}`, error),
    onTrouble: (trouble, times) => context.onLogTrouble?.(trouble, times),
  });
}

/** Starts sending the log of the run that has begun; earlier lines that are still unsent go first. */
export function startLogShipping(context: ContainerContext, container: Container, sink: LogSink | undefined): void {
  if (sink === undefined) return;
  const stopped = new AbortController();
  const signal = AbortSignal.any([stopped.signal, context.signal]);
  const done = ship(context, container, sink, signal).catch((error: unknown) => {
    if (!signal.aborted) context.warn(`sending the log of container ${container.id}`, error);
  });
  let timer: NodeJS.Timeout | undefined;
  const shipping: LogShipping = {
    async stop() {
      clearTimeout(timer);
      stopped.abort();
      await done;
    },
    finish() {
      timer = setTimeout(() => stopped.abort(), LAST_LINES_MS);
      timer.unref();
      void done.then(() => clearTimeout(timer));
    },
  };
  container.shipping = shipping;
  void done.then(() => {
    if (container.shipping === shipping) container.shipping = undefined;
  });
}

/** After a restart of the engine: goes on where the last one was. */
export function resumeLogShipping(context: ContainerContext, container: Container): void {
  const open = opener(container.record);
  if (open !== undefined) startLogShipping(context, container, lazySink(open, loggedContainer(container.record)));
}
