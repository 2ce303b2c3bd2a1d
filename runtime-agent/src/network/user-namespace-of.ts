import { existsSync } from 'node:fs';

/** Suffix of the bind mount beside a network namespace's. */
export const USER_NAMESPACE = '.user';

/** The bind mount of the user namespace that owns this network namespace; undefined when that is the host's. */
export function userNamespaceOf(netns: string): string | undefined {
  const file = netns + USER_NAMESPACE;
  return existsSync(file) ? file : undefined;
}
