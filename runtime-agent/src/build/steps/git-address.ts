/** Addresses of Git repositories as BuildKit has them: `https://host/repo.git#ref:folder`, or `…repo.git?ref=…&subdir=…`. */
import { EngineError } from '#model/engine-api/errors.ts';

export interface GitAddress {
  readonly repository: string;
  /** Branch, tag, commit or full reference; undefined: the repository's own branch. */
  readonly ref: string | undefined;
  /** In the repository; '' for all of it. */
  readonly folder: string;
  /** What the reference must be. */
  readonly commit: string | undefined;
  readonly keepGitDir: boolean;
  readonly submodules: boolean;
}

export function isGitAddress(address: string): boolean {
  return /^(git@|git:\/\/|ssh:\/\/)/.test(address) || /^https?:\/\/[^#?]+\.git([?#].*)?$/.test(address);
}

export function isSshAddress(address: string): boolean {
  return /^(git@|ssh:\/\/)/.test(address);
}

/** @param given an address of Git. Throws EngineError('invalid') for what its query does not know */
export function parseGitAddress(given: string): GitAddress {
  const [, repository = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(given) ?? [];
  const [ref = '', folder = ''] = fragment.split(/:(.*)/s);
  const address = {
    repository,
    ref: ref === '' ? undefined : ref,
    folder,
    commit: undefined,
    keepGitDir: false,
    submodules: true,
  };
  return [...new URLSearchParams(query)].reduce(withParameter, address);
}

function withParameter(address: GitAddress, [name, value]: readonly [string, string]): GitAddress {
  const onlyOne = (part: string, known: string | undefined, wanted: string): string => {
    if (known === undefined || known === '' || known === wanted) return wanted;
    const text = `${part} conflicts: ${JSON.stringify(known)} vs ${JSON.stringify(wanted)} of ${address.repository}`;
    throw new EngineError('invalid', text);
  };
  switch (name) {
    case 'ref':
      return { ...address, ref: onlyOne('ref', address.ref, value) };
    case 'branch':
      return { ...address, ref: onlyOne('ref', address.ref, `refs/heads/${value}`) };
    case 'tag':
      return { ...address, ref: onlyOne('ref', address.ref, `refs/tags/${value}`) };
    case 'commit':
    case 'checksum':
      return { ...address, commit: onlyOne('checksum', address.commit, value) };
    case 'subdir':
      return { ...address, folder: onlyOne('subdir', address.folder, value) };
    case 'keep-git-dir':
      return { ...address, keepGitDir: isTrue(value) };
    case 'submodules':
      return { ...address, submodules: isTrue(value) };
    default:
      throw new EngineError(
        'invalid',
        `unexpected query ${JSON.stringify(name)} in the address of ${address.repository}`,
      );
  }
}

function isTrue(value: string): boolean {
  return /^(true|1|t|)$/i.test(value);
}
