/** The contexts that a request names beside its own: each comes when a step first asks for it, and once. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { FilesFrom } from '../plan/work.ts';
import type { BuildRequest } from '../request.ts';
import type { ContextTree } from './context-tree.ts';
import { openContext, type OpenContextOptions } from './open-context.ts';
import type { ReceivedContext } from './receive-context.ts';

const FROM_CLIENT = 'client';

/** @param stack where what arrives is let go of */
export function namedContexts(
  own: () => Promise<ContextTree>,
  { client, contexts = {} }: Pick<BuildRequest, 'client' | 'contexts'>,
  stack: AsyncDisposableStack,
  options: OpenContextOptions,
): (from: FilesFrom) => Promise<ContextTree> {
  const opened = new Map<string, Promise<ContextTree>>();
  const sent = async (name: string): Promise<ReceivedContext> => {
    if (client === undefined) throw new EngineError('internal', `nobody can send the context ${name}`);
    const context = await client.context(name);
    return 'index' in context ? context : openContext({ context }, options);
  };
  const open = async (name: string): Promise<ContextTree> => {
    const address = contexts[name] ?? '';
    const received = address === FROM_CLIENT ? sent(name) : openContext({ remote: address }, options);
    const { index, spool } = stack.use(await received);
    return index.tree(spool);
  };
  let ownTree: Promise<ContextTree> | undefined;
  return async (from) => {
    if (from.kind !== 'named') return (ownTree ??= own());
    const known = opened.get(from.name) ?? open(from.name);
    opened.set(from.name, known);
    return known;
  };
}
