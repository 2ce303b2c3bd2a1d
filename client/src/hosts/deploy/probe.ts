/** One look at a host: who we are there, what it has, and whether our engine runs. */
import { EngineError } from '#model/engine-api/errors.ts';
import { HOST_TOOLS, type HostTool, type PackageFamily, packageFamily } from '#model/host/tools.ts';
import type { HostShell } from '../host-shell.ts';
import { quote } from '../shell-quote.ts';
import { type Answers, runMarked } from './marked-output.ts';

export const WANTED_NODE = 24;

export interface HostFacts {
  readonly system: string;
  /** As Node names it: x64, arm64. */
  readonly arch: string;
  /** Its C library is musl, not glibc. */
  readonly musl: boolean;
  /** Native modules of the engine that were fetched there. */
  readonly nativeModules: readonly string[];
  /** Slipway's folder there; absolute. */
  readonly home: string;
  readonly isRoot: boolean;
  /** Root may be had without a password. */
  readonly sudo: boolean;
  readonly distribution: string;
  readonly family: PackageFamily | undefined;
  /** The first Node that is new enough. */
  readonly node: string | undefined;
  /** Other Nodes, `PATH VERSION`. */
  readonly olderNodes: readonly string[];
  readonly npm: boolean;
  /** Programs of HOST_TOOLS that are not there. */
  readonly missing: readonly string[];
  /** The agent of the wanted version lies there. */
  readonly hasAgent: boolean;
  /** The engine we started there last, if it still runs. */
  readonly running: { readonly pid: number; readonly build: string } | undefined;
}

/**
 * @param home Slipway's folder; may start with `~/`
 * @param version of the agent that is wanted there
 * @param nodes more places where a Node may be; the first that are looked at
 */
export async function probeHost(
  shell: Pick<HostShell, 'run'>,
  home: string,
  version: string,
  options: { readonly signal?: AbortSignal; readonly nodes?: readonly string[] } = {},
): Promise<HostFacts> {
  return readFacts(await runMarked(shell, probeScript(home, version, options.nodes ?? []), options));
}

/** System folders that non-interactive shells often lack. */
export const PATH_LINE = 'PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; export PATH';

export function homeExpression(home: string): string {
  return home.startsWith('~/') ? `"$HOME"/${quote(home.slice(2))}` : quote(home);
}

function probeScript(home: string, version: string, nodes: readonly string[]): string {
  return `${PATH_LINE}
H=${homeExpression(home)}
say home "$H"
say system "$(uname -s)"
say machine "$(uname -m)"
say uid "$(id -u)"
if [ "$(id -u)" != 0 ] && command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then say sudo yes; fi
if [ -r /etc/os-release ]; then grep -E '^(ID|ID_LIKE|PRETTY_NAME)=' /etc/os-release | while IFS= read -r line; do say os "$line"; done; fi
${HOST_TOOLS.map(missingTool).join('\n')}
command -v npm >/dev/null 2>&1 && say npm yes
ls /lib/ld-musl-* >/dev/null 2>&1 && say musl yes
for module in "$H"/node_modules/node-unix-socket-linux-*; do [ -d "$module" ] && say native "\${module##*/}"; done
for node in ${nodes.map(quote).join(' ')} "$H"/node/bin/node "$H"/node/node_modules/node-linux-*/bin/node "$(command -v node)" "$HOME"/.nvm/versions/node/*/bin/node /opt/node*/bin/node; do
  [ -x "$node" ] && say node "$node $("$node" --version 2>/dev/null)"
done
[ -r "$H/agent/${version}/agent.mjs" ] && say agent yes
if [ -r "$H/engine/record" ]; then
  { read -r pid; read -r build; } <"$H/engine/record"
  if [ -n "$pid" ] && tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q 'agent\\.mjs'; then say running "$pid $build"; fi
fi
true`;
}

function missingTool({ program, or = [] }: HostTool): string {
  const looks = [program, ...or].map((name) => `command -v ${name} >/dev/null 2>&1`);
  return `${looks.join(' || ')} || say missing ${program}`;
}

export function readFacts(answers: Answers): HostFacts {
  const one = (key: string): string => answers.get(key)?.[0] ?? '';
  const system = one('system');
  const home = one('home');
  if (home === '' || system === '') {
    throw new EngineError('unavailable', 'The host did not answer to the first question about itself (uname).');
  }
  const os = (answers.get('os') ?? []).join('\n');
  const nodes = [...new Set(answers.get('node') ?? [])];
  const isNew = (node: string): boolean => majorOf(node) >= WANTED_NODE;
  const [pid = '', build = ''] = one('running').split(' ');
  return {
    system,
    arch: ARCHITECTURES[one('machine')] ?? one('machine'),
    musl: one('musl') === 'yes',
    nativeModules: answers.get('native') ?? [],
    home,
    isRoot: one('uid') === '0',
    sudo: one('sudo') === 'yes',
    distribution: /^PRETTY_NAME="?([^"\n]*)/m.exec(os)?.[1] ?? 'this system',
    family: packageFamily(os),
    node: nodes.find(isNew)?.replace(/ \S*$/, ''),
    olderNodes: nodes.filter((node) => !isNew(node)),
    npm: one('npm') === 'yes',
    missing: answers.get('missing') ?? [],
    hasAgent: one('agent') === 'yes',
    running: pid === '' ? undefined : { pid: Number(pid), build },
  };
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'x64', amd64: 'x64', aarch64: 'arm64' };

function majorOf(node: string): number {
  return Number(/ v(\d+)\./.exec(node)?.[1] ?? 0);
}
