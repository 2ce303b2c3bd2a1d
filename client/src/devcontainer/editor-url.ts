import { readableName } from './readable-name.ts';

export interface EditorPlace {
  /** The local port of the tunnel. */
  readonly port: number;
  /** The container's id. */
  readonly container: string;
  /** The workspace in the container. */
  readonly folder: string;
  /** The server's connection token. */
  readonly token: string;
}

/**
 * The address of an editor in a container, on a host name of its own: browsers keep cookies by host name whatever the
 * port, and an editor keeps its token in one. On one name, the editor opened last would lock the others out, and each
 * container would be sent the tokens of all. Browsers take `*.localhost` for this machine (RFC 6761, 6.3).
 * Where this machine is not the browser's, the address is `external`'s.
 */
export async function editorUrl(
  { port, container, folder, token }: EditorPlace,
  external: (url: string) => Promise<string>,
): Promise<string> {
  const base = `http://127.0.0.1:${port}/`;
  const reached = await external(base);
  const isHere = new URL(reached).host === new URL(base).host;
  const url = new URL(isHere ? `http://${readableName(folder)}-${container.slice(0, 8)}.localhost:${port}/` : reached);
  url.searchParams.set('folder', folder);
  url.searchParams.set('tkn', token);
  return url.href;
}
