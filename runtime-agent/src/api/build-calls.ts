/**
 * What a running build asks of the client that started it. The question goes out in the build's own answer stream as
 * `{"slipway":{"call":TOKEN,"kind":…,"name":…}}`; the client answers with `POST /slipway/v1/build/calls/TOKEN`:
 *
 * - `secret`: the value is the body; `context`: a tar archive is the body; with `?error=TEXT` it has none to give
 * - `file`: as `context`, for a file of a folder that the build was given a name for: the name is `NAME/PATH`
 * - `agent`: the connection is upgraded and is one to the SSH agent
 * - `output`: the answer's body is what the build made
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildClient } from '../build/build-client.ts';
import type { Tell } from './progress-reply.ts';
import type { Call, Reply } from './route.ts';

type Kind = 'secret' | 'context' | 'file' | 'agent' | 'output';

interface Pending {
  answer(call: Call): Promise<Reply | undefined>;
  fail(error: unknown): void;
}

export interface BuildCalls {
  /** The client of one build, until the signal ends it. */
  clientOf(tell: Tell, signal: AbortSignal): BuildClient;
  /** Handles a client's answer. Throws EngineError('not-found') for a token that nobody waits for. */
  answer(call: Call): Promise<Reply | undefined>;
}

export function createBuildCalls(): BuildCalls {
  const waiting = new Map<string, Pending>();

  const ask = <T>(
    { kind, name, tell, signal }: { kind: Kind; name: string; tell: Tell; signal: AbortSignal },
    take: (call: Call, give: (value: T) => void) => Promise<Reply | undefined>,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      signal.throwIfAborted();
      const token = randomBytes(16).toString('hex');
      const settle = <V>(done: (value: V) => void) => {
        return (value: V): void => {
          signal.removeEventListener('abort', aborted);
          waiting.delete(token);
          done(value);
        };
      };
      const [give, fail] = [settle(resolve), settle(reject)];
      const aborted = (): void => fail(signal.reason);
      signal.addEventListener('abort', aborted);
      waiting.set(token, { fail, answer: (call) => take(call, give) });
      tell({ slipway: { call: token, kind, name } });
    });

  /** The body is what was asked for. */
  const sent = (kind: 'context' | 'file', name: string, tell: Tell, signal: AbortSignal): Promise<Readable> =>
    ask<Readable>({ kind, name, tell, signal }, async (call, give) => {
      give(call.body);
      if (!call.body.closed) await once(call.body, 'close');
      return { status: 204 };
    });

  return {
    clientOf: (tell, signal) => ({
      secret: (name) =>
        ask<Buffer>({ kind: 'secret', name, tell, signal }, async (call, give) => {
          give(await buffer(call.body));
          return { status: 204 };
        }),
      context: (name) => sent('context', name, tell, signal),
      file: (name, path) => sent('file', `${name}/${path}`, tell, signal),
      agent: (name) =>
        ask({ kind: 'agent', name, tell, signal }, async (call, give) => {
          give(call.hijack('application/octet-stream'));
          return undefined;
        }),
      deliver: (name, content) =>
        ask<void>({ kind: 'output', name, tell, signal }, async (call, give) => {
          const stream = call.stream('application/x-tar');
          for await (const chunk of content as AsyncIterable<Buffer>) await stream.write(chunk);
          give();
          return undefined;
        }),
    }),
    async answer(call) {
      const pending = waiting.get(call.params['token'] ?? '');
      if (pending === undefined) throw new EngineError('not-found', 'no build waits for this answer (any more)');
      const error = call.query.get('error');
      if (error === null) {
        try {
          return await pending.answer(call);
        } catch (cause) {
          pending.fail(cause);
          throw cause;
        }
      }
      pending.fail(new EngineError('not-found', error));
      return { status: 204 };
    },
  };
}
