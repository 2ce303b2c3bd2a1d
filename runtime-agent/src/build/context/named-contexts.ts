/** The contexts that a request names beside its own: each comes when a step first asks for it, and once. */
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { FilesFrom } from '../plan/work.ts';
import type { BuildRequest } from '../request.ts';
import type { ContextTree } from './context-tree.ts';
import { openContext, type OpenContextOptions } from './open-context.ts';

const FROM_CLIENT = 'client';

/** @param stack where what arrives is let go of */
export function namedContexts(
  own: ContextTree,
  { client, contexts = {} }: Pick<BuildRequest, 'client' | 'contexts'>,
  stack: AsyncDisposableStack,
  options: OpenContextOptions,
): (from: FilesFrom) => Promise<ContextTree> {
  const opened = new Map<string, Promise<ContextTree>>();
  const sent = async (name: string): Promise<{ readonly context: Readable }> => {
    if (client === undefined) throw new EngineError('internal', `nobody can send the context ${name}`);
    return { context: await client.context(name) };
  };
  const open = async (name: string): Promise<ContextTree> => {
    const address = contexts[name] ?? '';
    const source = address === FROM_CLIENT ? await sent(name) : { remote: address };
    const { index, spool } = stack.use(await openContext(source, options));
    return index.tree(spool);
  };
  return async (from) => {
    if (from.kind !== 'named') return own;
    const known = opened.get(from.name) ?? open(from.name);
    opened.set(from.name, known);
    return known;
  };
}
