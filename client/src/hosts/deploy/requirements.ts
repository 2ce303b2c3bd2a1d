/** What a host lacks for running the engine, and the one command that brings it. Pure. */
import { HOST_TOOLS, installCommand } from '#model/host/tools.ts';
import { type HostFacts, WANTED_NODE } from './probe.ts';

export interface HostLack {
  /** What is missing and what it is for, one per line. */
  readonly lines: readonly string[];
  /** A sh script that installs all of it; undefined when a person has to. */
  readonly install: string | undefined;
}

/** The engine's native module, if the extension has none for the host. */
export interface MissingModule {
  readonly name: string;
  readonly version: string;
}

/** undefined: the host has everything. */
export function hostLack(facts: HostFacts, module?: MissingModule): HostLack | undefined {
  if (facts.system !== 'Linux') {
    return { lines: [`Containers need a Linux kernel; this host runs ${facts.system}.`], install: undefined };
  }
  if (!facts.isRoot && !facts.sudo) {
    return {
      lines: [
        'The engine needs root: connect as root, or allow your user sudo without a password (NOPASSWD in sudoers).',
      ],
      install: undefined,
    };
  }
  const tools = HOST_TOOLS.filter(({ program }) => facts.missing.includes(program));
  const lines = tools.map(({ program, purpose }) => `${program} is missing: it ${purpose}.`);
  const packages = tools.length === 0 ? '' : packagesCommand(facts, tools);
  if (facts.node === undefined) lines.push(nodeLine(facts));
  if (module !== undefined) {
    lines.push(`${module.name} is missing: the engine reads and writes containers' streams with it.`);
  }
  const needed = tools.some(({ optional }) => optional !== true) || facts.node === undefined || module !== undefined;
  if (!needed) return undefined;
  const node = facts.node === undefined ? nodeCommand(facts) : '';
  const native = module === undefined ? '' : moduleCommand(facts, module);
  if (packages === undefined) lines.push(`Slipway does not know the package names of ${facts.distribution}.`);
  const commands = [packages, node, native].filter((command) => command !== '');
  return { lines, install: commands.includes(undefined) ? undefined : commands.join(' && ') };
}

function packagesCommand(facts: HostFacts, tools: Parameters<typeof installCommand>[0]): string | undefined {
  const command = installCommand(tools, facts.family);
  if (command === undefined) return undefined;
  const sudo = facts.isRoot ? '' : 'sudo -n ';
  return facts.family === 'debian' ? `${sudo}apt-get update && ${sudo}${command}` : `${sudo}${command}`;
}

function nodeLine({ olderNodes }: HostFacts): string {
  const found = olderNodes.map((node) => node.split(' ').reverse().join(' at ')).join(', ');
  return `Node.js ${WANTED_NODE} or newer is missing: it runs the engine${found === '' ? '' : ` (found ${found})`}.`;
}

/** Node goes into Slipway's own folder: nothing else on the host changes. */
function nodeCommand({ arch, npm, home, musl, family, isRoot }: HostFacts): string | undefined {
  if (musl) return family === 'alpine' ? `${isRoot ? '' : 'sudo -n '}apk add nodejs` : undefined; // Node's own builds need glibc
  if (arch !== 'x64' && arch !== 'arm64') return undefined;
  if (npm) {
    return `${npmInstall('npm', `${home}/node`)} node-linux-${arch}@${WANTED_NODE}`;
  }
  const base = `https://nodejs.org/dist/latest-v${WANTED_NODE}.x`;
  const name = `$(curl -fsS ${base}/SHASUMS256.txt | grep -o 'node-v[0-9.]*-linux-${arch}.tar.gz' | head -n 1)`;
  return `mkdir -p '${home}/node' && curl -fsS "${base}/${name}" | tar -xz --strip-components=1 -C '${home}/node'`;
}

/** Into a folder where Node looks for what the agent asks for. Node's own archive, if it comes first, brings npm. */
function moduleCommand({ npm, node, home }: HostFacts, { name, version }: MissingModule): string | undefined {
  if (!npm && node !== undefined) return undefined;
  const program = npm ? 'npm' : `PATH='${home}/node/bin':"$PATH" npm`;
  return `${npmInstall(program, home)} --no-save ${name}@${version}`;
}

/** With --prefix alone, npm would look for the global npmrc there, and miss the host's registry, proxy and certificates. */
function npmInstall(program: string, folder: string): string {
  const config = `"$(${program} config get globalconfig)"`;
  return `${program} install --globalconfig ${config} --prefix '${folder}' --no-audit --no-fund --loglevel=error`;
}
