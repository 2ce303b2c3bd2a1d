/** A host that the person added, as it is kept between sessions. */
export type SavedHost =
  | { readonly kind: 'local' }
  /** `name`: an alias of ~/.ssh/config or `user@host:port`. */
  | { readonly kind: 'ssh'; readonly name: string }
  /** The socket of a Docker or Podman engine on this machine. */
  | { readonly kind: 'socket'; readonly path: string };

export function hostId(host: SavedHost): string {
  switch (host.kind) {
    case 'local':
      return 'local';
    case 'ssh':
      return `ssh:${host.name}`;
    case 'socket':
      return `socket:${host.path}`;
  }
}

const THIS_MACHINE = 'This machine';

/** A host's label as it stands inside of a sentence. */
export function labelInText(label: string): string {
  return label === THIS_MACHINE ? 'this machine' : label;
}

export function hostLabel(host: SavedHost): string {
  switch (host.kind) {
    case 'local':
      return THIS_MACHINE;
    case 'ssh':
      return host.name;
    case 'socket':
      return socketLabel(host.path);
  }
}

const USUAL_SOCKETS: Readonly<Record<string, string>> = {
  '/var/run/docker.sock': 'Docker',
  '/run/docker.sock': 'Docker',
  '/run/podman/podman.sock': 'Podman',
};

function socketLabel(path: string): string {
  return USUAL_SOCKETS[path] ?? (path.includes('podman') ? `Podman at ${path}` : `Docker at ${path}`);
}

/** Reads `local`, `ssh:NAME` or `socket:PATH`; undefined for anything else. */
export function parseHostId(id: string): SavedHost | undefined {
  if (id === 'local') return { kind: 'local' };
  const match = /^(ssh|socket):(.+)$/s.exec(id);
  if (match?.[2] === undefined) return undefined;
  return match[1] === 'ssh' ? { kind: 'ssh', name: match[2] } : { kind: 'socket', path: match[2] };
}

/** What was stored may be of an older version or edited by hand: only what is understood is taken. */
export function readSavedHosts(stored: unknown): SavedHost[] {
  if (!Array.isArray(stored)) return [];
  const hosts = stored.map((id) => (typeof id === 'string' ? parseHostId(id) : undefined));
  return hosts.filter((host) => host !== undefined);
}
