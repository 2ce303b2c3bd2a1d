/** Carries a client's input to a process's stdin, until the client ends it, goes away or types the detach keys. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { createDetachFilter } from './detach-keys.ts';

export type InputEnd = 'ended' | 'gone' | 'detached';

export interface InputOptions {
  /** The detach sequence is looked for when given. */
  readonly detachKeys?: Buffer | undefined;
  readonly signal: AbortSignal;
}

export async function carryInput(client: Readable, stdin: Writable, options: InputOptions): Promise<InputEnd> {
  const filter = options.detachKeys === undefined ? undefined : createDetachFilter(options.detachKeys);
  try {
    for await (const chunk of client.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const { pass, detach } = filter?.push(chunk) ?? { pass: chunk, detach: false };
      if (pass.length > 0 && !stdin.destroyed && !stdin.write(pass)) {
        await Promise.race([once(stdin, 'drain', { signal: options.signal }), once(stdin, 'close')]);
      }
      if (detach) return 'detached';
      // The process takes no more: what the client still sends goes nowhere.
      if (options.signal.aborted) return 'gone';
    }
    return 'ended';
  } catch {
    return 'gone';
  }
}
