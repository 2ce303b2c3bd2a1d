/** The VS Code server in a container: started once, found again later. */
import { randomBytes } from 'node:crypto';
import { EngineError } from '#model/engine-api/errors.ts';
import { execIn } from '../exec/exec.ts';
import type { HookPlace } from './hooks.ts';
import { EDITOR_FOLDER, EDITOR_NODE } from './place-editor.ts';
import type { Steps } from './steps.ts';

export interface EditorServer {
  /** On the container's loopback. */
  readonly port: number;
  /**
   * Of the editor's pages, from `/` to `/`. The server keeps the token in a cookie, and browsers keep cookies by host
   * name and path, whatever the port: on one path, the editor opened last would lock the others out.
   */
  readonly path: string;
  /** Whoever knows it may use the editor. */
  readonly token: string;
  readonly reused: boolean;
}

export interface EditorServerOptions {
  readonly version: string;
  /** Machine settings: `customizations.vscode.settings`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The person's own settings to begin with; what is changed in the container later stays. */
  readonly personalSettings: Readonly<Record<string, unknown>>;
  readonly extensions: readonly string[];
  /** EXTENSIONS_GALLERY of this window's server: `{}` when it has no gallery. */
  readonly gallery: string | undefined;
}

/**
 * Arguments: version (of the server and of how it is started), node, server, options …; input: a token for a new server on the first line, the
 * person's settings on the second, then machine settings.
 * A server is taken again when its process lives and it is of the same version.
 */
const SCRIPT = `set -eu
version=$1 node=$2 server=$3; shift 3
read -r token
read -r personal
folder=$HOME/.slipway/editor
umask 077
mkdir -p "$folder/data/Machine" "$folder/data/User"
[ -e "$folder/data/User/settings.json" ] || printf '%s\\n' "$personal" > "$folder/data/User/settings.json"
cat > "$folder/data/Machine/settings.json"
is_ours() { tr '\\0' ' ' < "/proc/$1/cmdline" 2>/dev/null | grep -q "$server"; }
pid=$(cat "$folder/pid" 2>/dev/null || true)
if [ -n "$pid" ] && is_ours "$pid"; then
  if [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ]; then
    printf 'port=%s\\ntoken=%s\\nreused=1\\n' "$(cat "$folder/port")" "$(cat "$folder/token")"; exit 0
  fi
  kill "$pid" 2>/dev/null || true
fi
"$node" --version > "$folder/log" 2>&1 || {
  code=$?; cat "$folder/log" >&2
  ls /lib/ld-musl-* > /dev/null 2>&1 && echo "musl=1"
  exit "$code"
}
printf %s "$token" > "$folder/token"
session=; if command -v setsid > /dev/null; then session=setsid; fi
umask 022
$session "$node" "$server" --host 127.0.0.1 --port 0 --connection-token-file "$folder/token" \
  --server-data-dir "$folder" --extensions-dir "$folder/extensions" "$@" > "$folder/log" 2>&1 < /dev/null &
pid=$!
i=0
while [ $i -lt 400 ]; do
  port=$(sed -n 's/^.*agent listening on \\([0-9][0-9]*\\).*$/\\1/p' "$folder/log")
  if [ -n "$port" ]; then
    umask 077
    printf %s "$port" > "$folder/port"; printf %s "$version" > "$folder/version"; printf %s "$pid" > "$folder/pid"
    printf 'port=%s\\ntoken=%s\\nreused=0\\n' "$port" "$token"; exit 0
  fi
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.05 2>/dev/null || sleep 1
  i=$((i+1))
done
tail -n 40 "$folder/log" >&2
exit 1
`;

const FLAGS =
  '--accept-server-license-terms --telemetry-level off --disable-workspace-trust --disable-getting-started-override';

/** code-server's build would send links to local ports to a proxy that its bare server does not have. */
const NO_PROXY = '';

/** Throws EngineError that says why the server does not run in this image. */
export async function ensureEditorServer(
  place: HookPlace,
  options: EditorServerOptions,
  steps: Steps,
): Promise<EditorServer> {
  const { connection, container, user, cwd, env } = place;
  const server = `${EDITOR_FOLDER}/out/server-main.js`;
  const basePath = `/${container.slice(0, 12)}`;
  const [fresh, personal] = [randomBytes(24).toString('hex'), JSON.stringify(options.personalSettings)];
  const input = `${fresh}\n${personal}\n${JSON.stringify(options.settings, undefined, 2)}\n`;
  const argv = [
    '/bin/sh',
    '-c',
    SCRIPT,
    'sh',
    `${options.version} ${basePath}`,
    EDITOR_NODE,
    server,
    '--server-base-path',
    basePath,
    ...FLAGS.split(' '),
    ...extensionFlags(options, steps),
  ];
  const gallery = options.gallery === undefined ? {} : { EXTENSIONS_GALLERY: options.gallery };
  const result = await execIn(connection, container, {
    argv,
    user,
    cwd,
    env: { ...env, ...gallery, VSCODE_PROXY_URI: NO_PROXY },
    input,
    signal: steps.signal,
  });
  const field = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(result.stdout)?.[1];
  const port = Number(field('port'));
  const token = field('token');
  if (result.code === 0 && port > 0 && token !== undefined) {
    return { port, path: `${basePath}/`, token, reused: field('reused') === '1' };
  }
  steps.log(`${result.stderr}\n`);
  throw new EngineError('unavailable', whyNot(result.stderr, field('musl') === '1'));
}

function extensionFlags({ extensions, gallery }: EditorServerOptions, steps: Steps): string[] {
  if (extensions.length === 0) return [];
  if (gallery === '{}') {
    steps.log(`No extension gallery here: not installed: ${extensions.join(', ')}\n`);
    return [];
  }
  return [...extensions.flatMap((id) => ['--install-extension', id]), '--start-server'];
}

function whyNot(stderr: string, musl: boolean): string {
  if (musl)
    return "The editor's server does not run in images based on musl (Alpine): use a Debian- or Ubuntu-based image.";
  if (/GLIBC|GLIBCXX/.test(stderr)) {
    return "The editor's server needs a newer C library than this image has: use one based on Debian 10 or later.";
  }
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return `The editor's server did not start in the container${last === '' ? '.' : `: ${last}`}`;
}
