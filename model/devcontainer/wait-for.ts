import type { DevContainerConfig, LifecycleHook } from './config.ts';

/** Hooks in a container, in their order, up to the one that runs when an editor is attached. */
const IN_CONTAINER = ['onCreateCommand', 'updateContentCommand', 'postCreateCommand', 'postStartCommand'] as const;

type HookInContainer = (typeof IN_CONTAINER)[number];

export interface HookOrder {
  /** Run before the editor opens: when one fails, there is no dev container. */
  readonly before: readonly HookInContainer[];
  /** Run while the person works already. */
  readonly later: readonly HookInContainer[];
}

/**
 * Which hooks are waited for. Where `waitFor` is not given it is all of them, not only those up to `updateContentCommand` as
 * with the reference tool: a `postCreateCommand` that fails is then no half-made container.
 */
export function hookOrder({ waitFor }: Pick<DevContainerConfig, 'waitFor'>): HookOrder {
  const last: LifecycleHook = waitFor ?? 'postStartCommand';
  const count = IN_CONTAINER.findIndex((hook) => hook === last) + 1;
  return { before: IN_CONTAINER.slice(0, count), later: IN_CONTAINER.slice(count) };
}
