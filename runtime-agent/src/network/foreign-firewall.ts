/**
 * Other firewalls on the host. An accept in the engine's table does not override a drop in another one, so where the
 * host's (ufw, Docker, an administrator's iptables) drops what it forwards by policy, the engine's bridges get an
 * exception there, as Docker makes for its own. Only rules with the engine's mark are ever removed.
 */
import { readFile } from 'node:fs/promises';
import type { Host } from '../host/host.ts';

export interface Passage {
  readonly bridge: string;
  /** Where the engine answers name queries of the bridge's containers. */
  readonly resolver?: { readonly address: string; readonly port: number } | undefined;
}

export interface ForeignFirewall {
  /** Lets traffic of the bridge pass; nothing to do on most hosts. */
  allow(passage: Passage): Promise<void>;
  forget(bridge: string): Promise<void>;
  /** Removes every rule of this engine, also an earlier one's. */
  clear(): Promise<void>;
}

export interface ForeignFirewallDeps {
  readonly host: Host;
  /** Distinguishes this engine's rules from another's. */
  readonly mark: string;
  readonly findProgram: (name: string) => string | undefined;
}

type Tool = 'iptables' | 'ip6tables';

interface Chain {
  readonly tool: Tool;
  readonly name: string;
}

const TOOLS: readonly Tool[] = ['iptables', 'ip6tables'];
const FIREWALLD = 'firewall-cmd';

export function createForeignFirewall({ host, mark, findProgram }: ForeignFirewallDeps): ForeignFirewall {
  /** Bridges with exceptions, and the last change: iptables takes one at a time. */
  const allowed = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };

  async function restrictive(): Promise<{ readonly chains: readonly Chain[]; readonly firewalld: boolean }> {
    const listed = await host.run('nft', ['-j', 'list', 'chains'], { onFailure: 'return' });
    const { chains, firewalld } = readChains(listed.stdout);
    const legacy = await Promise.all(TOOLS.map((tool) => legacyChains(host, tool)));
    const usable = [...chains, ...legacy.flat()].filter(({ tool }) => findProgram(tool) !== undefined);
    return { chains: usable, firewalld: firewalld && findProgram(FIREWALLD) !== undefined };
  }

  async function change(tool: Tool, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const input = ['*filter', ...lines, 'COMMIT', ''].join('\n');
    await host.run(`${tool}-restore`, ['--noflush', '--wait', '5'], { input });
  }

  async function remove(comment: string): Promise<void> {
    for (const tool of TOOLS) {
      if (findProgram(tool) === undefined) continue;
      const { stdout } = await host.run(tool, ['-S'], { onFailure: 'return' });
      await change(tool, deletions(stdout, comment));
    }
  }

  return {
    allow: (passage) =>
      inTurn(async () => {
        const { chains, firewalld } = await restrictive();
        for (const tool of TOOLS) {
          const own = chains.filter((chain) => chain.tool === tool).map(({ name }) => name);
          await change(tool, insertions(tool, own, passage, `${mark}:${passage.bridge}:`));
        }
        if (chains.length > 0) allowed.add(passage.bridge);
        if (firewalld && passage.resolver === undefined) {
          const args = ['--zone=trusted', `--add-interface=${passage.bridge}`];
          await host.run(FIREWALLD, args, { onFailure: 'return' });
        }
      }),
    forget: (bridge) =>
      inTurn(async () => {
        if (allowed.delete(bridge)) await remove(`${mark}:${bridge}:`);
      }),
    clear: () =>
      inTurn(async () => {
        const { chains } = await restrictive();
        if (chains.length > 0 || allowed.size > 0) await remove(`${mark}:`);
        allowed.clear();
      }),
  };
}

/** From `nft -j list chains` (libnftables-json(5)): what iptables-nft and ufw made that drops by policy. */
export function readChains(json: string): { readonly chains: Chain[]; readonly firewalld: boolean } {
  const list = parseJson(json);
  const chains = list.flatMap(({ chain }): Chain[] => {
    if (chain?.table !== 'filter' || (chain.family !== 'ip' && chain.family !== 'ip6')) return [];
    const tool = chain.family === 'ip' ? 'iptables' : 'ip6tables';
    const drops = chain.policy === 'drop' && (chain.hook === 'forward' || chain.hook === 'input');
    return drops || chain.name === 'DOCKER-USER' ? [{ tool, name: chain.name ?? '' }] : [];
  });
  return { chains, firewalld: list.some(({ chain }) => chain?.family === 'inet' && chain.table === 'firewalld') };
}

interface Listed {
  readonly chain?: Readonly<Partial<Record<'family' | 'table' | 'name' | 'hook' | 'policy', string>>>;
}

function parseJson(json: string): readonly Listed[] {
  try {
    return (JSON.parse(json) as { readonly nftables?: readonly Listed[] }).nftables ?? [];
  } catch {
    return []; // nothing listed: nft said why on stderr, and the engine's own table will say it again
  }
}

/** Tables of the old kernel interface, which nft does not see. Asking iptables-legacy would create them: only if used. */
async function legacyChains(host: Host, tool: Tool): Promise<Chain[]> {
  const family = tool === 'iptables' ? 'ip' : 'ip6';
  const names = await readFile(`/proc/net/${family}_tables_names`, 'utf8').catch(() => '');
  if (!names.split('\n').includes('filter')) return [];
  const { stdout } = await host.run(tool, ['-S'], { onFailure: 'return' });
  return readLegacy(tool, stdout);
}

/** From `iptables -S`. */
export function readLegacy(tool: Tool, text: string): Chain[] {
  const dropping = [...text.matchAll(/^-P (FORWARD|INPUT) DROP$/gm)].map(([, name = '']) => ({ tool, name }));
  return /^-N DOCKER-USER$/m.test(text) ? [...dropping, { tool, name: 'DOCKER-USER' }] : dropping;
}

/** Lines for iptables-restore. A passage with a resolver is about name queries only. */
export function insertions(tool: Tool, chains: readonly string[], passage: Passage, comment: string): string[] {
  const { bridge, resolver } = passage;
  const end = `-m comment --comment "${comment}" -j ACCEPT`;
  if (resolver !== undefined) {
    const family = resolver.address.includes(':') ? 'ip6tables' : 'iptables';
    if (family !== tool || !chains.includes('INPUT')) return [];
    return ['udp', 'tcp'].map(
      (protocol) => `-I INPUT -i ${bridge} -d ${resolver.address} -p ${protocol} --dport ${resolver.port} ${end}`,
    );
  }
  return chains
    .filter((chain) => chain !== 'INPUT')
    .flatMap((chain) => [`-I ${chain} -i ${bridge} ${end}`, `-I ${chain} -o ${bridge} ${end}`]);
}

/** Turns the rules of `iptables -S` whose comment begins so into deletions. */
export function deletions(text: string, comment: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('-A ') && new RegExp(`--comment "?${comment}`).test(line))
    .map((line) => line.replace(/^-A /, '-D '));
}
