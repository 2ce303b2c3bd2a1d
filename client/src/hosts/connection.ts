/** An EngineConnection made of a machine's shell and the socket its engine listens on. */
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#model/engine-api/errors.ts';
import type { EngineConnection, HostKind } from './engine-connection.ts';
import { type EngineHttp, engineHttp } from './engine-http.ts';
import type { HostShell } from './host-shell.ts';
import { labelInText } from './saved-host.ts';

export interface ConnectionParts {
  readonly id: string;
  readonly label: string;
  readonly kind: HostKind;
  readonly shell: HostShell;
  readonly socketPath: string;
  /** Calls the listener when the way to the machine itself is lost (an SSH connection closed). */
  readonly onTransportLost?: (listener: (reason: string) => void) => void;
  /** Closes the way to the machine. */
  readonly close?: () => Promise<void> | void;
}

const PING_TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 60_000;

/** @throws EngineError when the engine does not answer a ping */
export async function openConnection(parts: ConnectionParts, signal?: AbortSignal): Promise<EngineConnection> {
  const { shell, socketPath } = parts;
  const http = engineHttp(parts.label, (dialSignal) => shell.dial(socketPath, dialSignal));
  try {
    await ping(http, signal);
  } catch (error) {
    await http.close();
    throw error;
  }
  const loss = lossSignal();
  const closing = new AbortController();
  parts.onTransportLost?.((reason) => loss.emit(reason));
  void watch(http, parts.label, closing.signal).then((reason) => reason !== undefined && loss.emit(reason));
  return {
    id: parts.id,
    label: parts.label,
    kind: parts.kind,
    ...http,
    dial: (dialSignal) => shell.dial(socketPath, dialSignal),
    onLost: loss.add,
    run: shell.run,
    upload: shell.upload,
    async [Symbol.asyncDispose]() {
      loss.silence();
      closing.abort();
      await http.close();
      await parts.close?.();
    },
  };
}

async function ping(http: EngineHttp, signal?: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(PING_TIMEOUT_MS);
  const answer = await http.stream('GET', '/_ping', {
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  for await (const _ of answer);
}

/**
 * Holds one call open that never has anything to say; when it ends and the engine does not answer a ping either, the
 * connection is lost. Resolves with the reason, for a person; undefined when we closed it ourselves.
 */
async function watch(http: EngineHttp, label: string, signal: AbortSignal): Promise<string | undefined> {
  const query = { filters: JSON.stringify({ type: ['daemon'], event: ['reload'] }) };
  for (let wait = FIRST_WAIT_MS; ; ) {
    const began = Date.now();
    try {
      const events: Readable = await http.stream('GET', '/events', { query, signal });
      for await (const _ of events);
    } catch {
      // ended: the ping below says what it means
    }
    if (signal.aborted) return undefined;
    try {
      await ping(http, signal);
    } catch (error) {
      // Its own words, without “the engine does not answer” around them once more.
      const why = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return signal.aborted ? undefined : `The engine on ${labelInText(label)} stopped answering (${messageOf(why)}).`;
    }
    // An engine that does not hold such a call open (an old Podman) is not asked all the time.
    wait = Date.now() - began < LAST_WAIT_MS ? Math.min(wait * 2, LAST_WAIT_MS) : FIRST_WAIT_MS;
    await sleep(wait, undefined, { ref: false });
  }
}

interface LossSignal {
  add(listener: (reason: string) => void): () => void;
  emit(reason: string): void;
  silence(): void;
}

/** Tells each listener once, late ones too: a loss between connecting and listening is not missed. */
function lossSignal(): LossSignal {
  const listeners = new Set<(reason: string) => void>();
  let lost: string | undefined;
  let silent = false;
  return {
    add(listener) {
      if (lost !== undefined && !silent) {
        const reason = lost;
        queueMicrotask(() => listener(reason));
        return () => undefined;
      }
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(reason) {
      if (lost !== undefined || silent) return;
      lost = reason;
      for (const listener of listeners) listener(reason);
      listeners.clear();
    },
    silence() {
      silent = true;
      listeners.clear();
    },
  };
}
