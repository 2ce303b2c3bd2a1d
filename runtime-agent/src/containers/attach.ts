/** `POST /containers/{id}/attach`: output from the log, from now on or from the beginning; input through conmon. */
import { once } from 'node:events';
import type { Duplex, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStdin } from '../runtime/attach-socket.ts';
import { createLogDecoder } from '../runtime/log-format.ts';
import { type LogPosition, logEnd, readLog } from '../runtime/log-read.ts';
import { type Container, holdLog, nextMoment } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { parseDetachKeys } from './detach-keys.ts';
import { checkVerb } from './lifecycle.ts';
import { containerPaths } from './rootfs.ts';
import { carryInput } from './stream-input.ts';

export interface AttachOptions {
  /** What was printed before, too. */
  readonly logs: boolean;
  /** Stay attached. */
  readonly stream: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly detachKeys?: string | undefined;
  /** Bytes as they come, without Docker's frames. */
  readonly unframed?: boolean;
}

export interface Attachment {
  readonly terminal: boolean;
  /** Carries the streams until the container ends, the client goes away or detaches. Ends `client`. */
  run(client: Duplex, signal: AbortSignal): Promise<void>;
}

/** Writes with back-pressure. @returns false when the client is gone */
export async function writeTo(client: Writable, chunk: Buffer, signal: AbortSignal): Promise<boolean> {
  if (client.destroyed || signal.aborted) return false;
  if (chunk.length === 0 || client.write(chunk)) return true;
  const drained = once(client, 'drain', { signal }).then(() => true);
  return await Promise.race([drained, once(client, 'close').then(() => false)]).catch(() => false);
}

async function output(
  context: ContainerContext,
  container: Container,
  options: AttachOptions & { readonly from: LogPosition | undefined },
  client: Duplex,
  signal: AbortSignal,
): Promise<void> {
  const { logs } = containerPaths(context.dataRoot, container.id);
  const ended = options.stream ? nextMoment(container, 'ended') : undefined;
  const decode = createLogDecoder({
    stdout: options.stdout,
    stderr: options.stderr,
    framing: options.unframed || container.record.config.Tty ? 'raw' : 'multiplexed',
  });
  using _held = holdLog(container);
  for await (const lines of readLog(logs, { from: options.from, ended, signal })) {
    if (!(await writeTo(client, decode(lines), signal))) return;
  }
}

/** What the end of a client's input means for its output. */
type AfterInput = 'stays' | 'leaves' | 'detached';

/** Who leaves sees what the container has just answered. */
const LAST_WORDS_MS = 100;

/** Waits for the container to run, then feeds its stdin. */
async function input(
  context: ContainerContext,
  container: Container,
  options: AttachOptions,
  client: Duplex,
  signal: AbortSignal,
): Promise<AfterInput> {
  if (container.run === undefined) await nextMoment(container, 'begun');
  if (signal.aborted) return 'stays';
  const { Tty = false, StdinOnce = false } = container.record.config;
  const stdin = openStdin(context.runtime.bundle(container.id));
  stdin.on('error', () => {});
  const keys = Tty ? parseDetachKeys(options.detachKeys) : undefined;
  const end = await carryInput(client, stdin, { detachKeys: keys, signal });
  // conmon was told at creation whether this closes the container's stdin.
  if (end === 'ended') stdin.end();
  else stdin.destroy();
  if (end !== 'ended') return end === 'detached' ? 'detached' : 'stays';
  // As in Docker: a stdin that others may still write to is not closed, so its client has no end to wait for.
  return StdinOnce && !Tty ? 'stays' : 'leaves';
}

/** What is not wanted must not hold up the client's end. */
function ignoreInput(client: Duplex): Promise<AfterInput> {
  return new Promise((resolve) => {
    client.on('end', () => resolve('stays')).on('close', () => resolve('stays'));
    client.resume();
  });
}

export async function attachContainer(
  context: ContainerContext,
  reference: string,
  options: AttachOptions,
): Promise<Attachment> {
  const container = context.store.find(reference);
  checkVerb('attach', container.record.state.status, container.id, reference);
  if (options.detachKeys) parseDetachKeys(options.detachKeys);
  const { config } = container.record;
  const { logs } = containerPaths(context.dataRoot, container.id);
  // Before the client knows that it is attached and lets the container run.
  const from = options.logs ? undefined : await logEnd(logs);
  return {
    terminal: config.Tty ?? false,
    async run(client, signal) {
      publish(context, container, 'attach');
      const gone = new AbortController();
      client.on('close', () => gone.abort());
      client.on('error', () => gone.abort());
      const over = AbortSignal.any([signal, gone.signal]);
      const printed = output(context, container, { ...options, from }, client, over);
      const wanted = options.stdin && options.stream && config.OpenStdin;
      const fed = wanted ? input(context, container, options, client, over) : ignoreInput(client);
      void fed.then(async (after) => {
        if (after === 'detached') publish(context, container, 'detach');
        if (after === 'leaves') await sleep(LAST_WORDS_MS);
        // Who wants no output has nothing left to do here once the input has ended.
        if (after !== 'stays' || (!options.stdout && !options.stderr)) gone.abort();
      });
      await printed;
      client.end();
    },
  };
}
