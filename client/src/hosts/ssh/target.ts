/** Where an SSH connection goes and how, after ~/.ssh/config was read: everything `ssh` would know before it dials. */
export interface SshTarget {
  /** The name the person used: an alias of the configuration, or `user@host:port`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Key files to try, in order; absolute paths. Some may not exist. */
  readonly identityFiles: readonly string[];
  /** True when the files were named in the configuration (then a missing one is worth a word). */
  readonly identityFilesNamed: boolean;
  readonly identitiesOnly: boolean;
  /** Socket of the SSH agent; undefined for none. */
  readonly agentSocket: string | undefined;
  readonly jumps: readonly string[];
  /** With tokens expanded. */
  readonly proxyCommand: string | undefined;
  /** In order; a new key is written to the first. */
  readonly knownHostsFiles: readonly string[];
  /** Files that are read only. */
  readonly globalKnownHostsFiles: readonly string[];
  /** The name to look up in known_hosts in place of the host's own. */
  readonly hostKeyAlias: string | undefined;
  readonly strictHostKeys: 'ask' | 'accept-new' | 'yes';
  readonly hashKnownHosts: boolean;
  /** Methods in the order to try them. */
  readonly authentications: readonly AuthMethod[];
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly keepAliveCount: number;
}

export type AuthMethod = 'publickey' | 'keyboard-interactive' | 'password';

export interface Destination {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** Reads `host`, `user@host`, `user@host:port`, `[v6]:port` and `ssh://` URLs; undefined when it is none of them. */
export function parseDestination(text: string): Destination | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@\s/]+)@)?(?:\[([^\]\s]+)\]|([^@\s/:[\]]+))(?::(\d{1,5}))?\/?$/.exec(text.trim());
  const bare =
    match === null ? /^(?:([^@\s/]+)@)?([0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$/.exec(text.trim()) : null;
  const user = match?.[1] ?? bare?.[1];
  const host = match?.[2] ?? match?.[3] ?? bare?.[2];
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  if (host === undefined || host.startsWith('-') || (port !== undefined && (port === 0 || port > 65_535)))
    return undefined;
  return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
}
