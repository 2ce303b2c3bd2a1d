/**
 * The engine's networks without an engine: plain processes in their namespaces stand for containers.
 *
 *     await using world = await startNetworks();
 *     const web = await world.open('web', { mode: 'mynet' });
 *     await web.run('ip', 'route');
 *
 * Disposal closes everything and fails when a link, namespace, mount or table is left.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventLog, type EngineEvent } from '../../runtime-agent/src/events/event-log.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { createNetworks } from '../../runtime-agent/src/network/create-networks.ts';
import { engineNames } from '../../runtime-agent/src/network/names.ts';
import type { Networks, Sandbox, SandboxRequest } from '../../runtime-agent/src/network/networks.ts';
import type { SubnetSource } from '../../runtime-agent/src/network/subnet-pools.ts';
import { openDatabase } from '../../runtime-agent/src/state/database.ts';

export interface Inhabitant extends Sandbox {
  readonly id: string;
  readonly name: string;
  readonly request: SandboxRequest;
  /** Address on the network, the first one's by default. */
  address(network?: string): string;
  /** Output of a program in the namespace; throws with its stderr when it fails. */
  run(...command: readonly string[]): Promise<string>;
  /** What `serve` in the namespace answers, or the error's code. */
  ask(protocol: 'tcp' | 'udp', address: string, port: number): Promise<string>;
  /** Answers `NAME from ADDRESS` on that port, both families, until the world ends. */
  serve(protocol: 'tcp' | 'udp', port: number): Promise<void>;
}

export interface NetworkWorld extends AsyncDisposable {
  readonly networks: Networks;
  readonly events: readonly EngineEvent[];
  readonly table: string;
  /** What the engine's person was told. */
  readonly lines: readonly string[];
  /** Another engine's instance on the same state, as after a restart; `meanwhile` happens while none runs. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  open(name: string, wishes?: Partial<SandboxRequest>): Promise<Inhabitant>;
  request(name: string, wishes?: Partial<SandboxRequest>): SandboxRequest;
}

const RUN_MS = 15_000;
const ASK_MS = 4000;

/** `node -e ASK protocol address port` */
const ASK = `
const [protocol, host, port] = process.argv.slice(1);
const end = (text) => { console.log(text); process.exit(0); };
setTimeout(() => end('timeout'), ${ASK_MS});
if (protocol === 'tcp') {
  const socket = require('node:net').connect({ host, port: Number(port) });
  let text = '';
  socket.on('data', (data) => (text += data)).on('error', (error) => end(error.code)).on('end', () => end(text.trim()));
} else {
  const socket = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const send = () => socket.send('hello', Number(port), host, (error) => error && end(error.code));
  socket.on('message', (data) => end(String(data).trim())).on('error', (error) => end(error.code));
  send();
  setInterval(send, 300);
}`;

/** `node -e SERVE name protocol port` */
const SERVE = `
const [name, protocol, port] = process.argv.slice(1);
const plain = (address) => address.replace(/^::ffff:/, '');
if (protocol === 'tcp') {
  const server = require('node:net').createServer((s) => { s.on('error', () => {}); s.end(name + ' from ' + plain(s.remoteAddress)); });
  server.on('error', (error) => { if (error.code === 'EAFNOSUPPORT') server.listen(Number(port), '0.0.0.0', () => console.log('ready')); });
  server.listen(Number(port), '::', () => console.log('ready'));
} else {
  const socket = require('node:dgram').createSocket('udp6');
  socket.on('message', (_, from) => socket.send(name + ' from ' + plain(from.address), from.port, from.address));
  socket.bind(Number(port), '::', () => console.log('ready'));
}`;

export interface Program {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, killed after 15 s. */
export function runProgram(command: string, ...args: readonly string[]): Promise<Program> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_MS });
    const out = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, ...out }));
  });
}

/** A program's output; throws with its stderr when it fails. */
export async function output(command: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(command, ...args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}: ${stderr}`);
  return stdout;
}

/** Asks a server of `serve` from the namespace, or from this process's own. */
export async function ask(netns: string | undefined, protocol: string, address: string, port: number): Promise<string> {
  const command = [process.execPath, '-e', ASK, protocol, address, String(port)];
  const [program = '', ...args] = netns === undefined ? command : ['nsenter', `--net=${netns}`, ...command];
  return (await output(program, ...args)).trim();
}

/** Sets whether bridged traffic passes the firewall, until disposal; nothing on a kernel that cannot. */
export async function bridgeFiltering(on: boolean): Promise<AsyncDisposable> {
  const file = '/proc/sys/net/bridge/bridge-nf-call-iptables';
  const before = await readFile(file, 'utf8').catch(() => undefined);
  const set = async (value: string): Promise<void> => {
    if (before !== undefined) await writeFile(file, value);
  };
  await set(on ? '1' : '0');
  return { [Symbol.asyncDispose]: () => set(before ?? '') };
}

/** Starts a server in the namespace and waits until it listens; give back what ends it. */
export async function serve(netns: string, name: string, protocol: string, port: number): Promise<() => Promise<void>> {
  const args = [`--net=${netns}`, process.execPath, '-e', SERVE, name, protocol, String(port)];
  const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise<void>((resolve) => void child.on('close', () => resolve()));
  await Promise.race([new Promise((resolve) => void child.stdout.once('data', resolve)), closed]);
  if (child.exitCode !== null) throw new Error(`the server ${name} on port ${port} ended`);
  return async () => {
    child.kill('SIGKILL');
    await closed;
  };
}

/** @param pools that networks take their subnets from; default: the engine's, which other tests' engines use as well */
export async function startNetworks(pools: SubnetSource['pools'] = []): Promise<NetworkWorld> {
  const root = await mkdtemp(path.join(tmpdir(), 'slipway-n-'));
  const database = openDatabase(path.join(root, 'state.db'));
  const log = createEventLog();
  const events: EngineEvent[] = [];
  log.subscribe((event) => void events.push(event));
  const execRoot = path.join(root, 'exec');
  const lines: string[] = [];
  const report = (line: string): void => void lines.push(line);
  const defaults = { pools, mtu: undefined, bip: undefined, dns: [], dnsSearch: [], dnsOptions: [] };
  const deps = { host: linuxHost, database, events: log, dataRoot: root, execRoot, report, defaults };
  const make = (): Networks => createNetworks(deps);
  let networks = make();
  await networks.restore([]);
  const open = new Map<string, Inhabitant>();
  const ends: (() => Promise<void>)[] = [];
  const { table } = engineNames(root);

  return {
    get networks() {
      return networks;
    },
    events,
    lines,
    table,
    request: sandboxRequest,
    async restart(meanwhile) {
      await networks[Symbol.asyncDispose]();
      await meanwhile?.();
      networks = make();
      await networks.restore([...open.values()].map(({ request, settings }) => ({ request, settings })));
    },
    async open(name, wishes) {
      const request = sandboxRequest(name, wishes);
      const sandbox = await networks.open(request);
      const found = inhabitant(request, sandbox, ends);
      open.set(request.containerId, found);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(ends.map((end) => end()));
      for (const id of open.keys()) await networks.close(id);
      await networks[Symbol.asyncDispose]();
      database[Symbol.dispose]();
      const left = await leftOf(root, table);
      await rm(root, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`the networks left on the host:\n${left.join('\n')}`);
    },
  };
}

export function sandboxRequest(name: string, wishes: Partial<SandboxRequest> = {}): SandboxRequest {
  return {
    containerId: randomBytes(32).toString('hex'),
    containerName: name,
    hostname: name,
    domainname: '',
    mode: 'bridge',
    endpoints: {},
    exposedPorts: [],
    portBindings: {},
    publishAllPorts: false,
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    extraHosts: [],
    sysctls: {},
    ...wishes,
  };
}

function inhabitant(request: SandboxRequest, sandbox: Sandbox, ends: (() => Promise<void>)[]): Inhabitant {
  const { containerId: id, containerName: name } = request;
  const netns = sandbox.netnsPath ?? '/proc/self/ns/net';
  return {
    ...sandbox,
    id,
    name,
    request,
    address(network) {
      const all = sandbox.settings.Networks ?? {};
      return (network === undefined ? Object.values(all)[0] : all[network])?.IPAddress ?? '';
    },
    run: (...command) => output('nsenter', `--net=${netns}`, ...command),
    ask: (protocol, address, port) => ask(netns, protocol, address, port),
    async serve(protocol, port) {
      ends.push(await serve(netns, name, protocol, port));
    },
  };
}

/** What is left after a grace of a second: the kernel removes namespaces in the background. */
async function leftOf(root: string, table: string): Promise<string[]> {
  for (let attempt = 0; ; attempt++) {
    const links = await ownLinks(table);
    const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(root));
    const tables = (await output('nft', 'list', 'tables')).split('\n').filter((line) => line.endsWith(` ${table}`));
    const left = [...links.map((link) => `link ${link}`), ...mounts, ...tables];
    if (left.length === 0 || attempt === 20) return left;
    await sleep(50);
  }
}

/** The engine's bridges, and what is on them. */
async function ownLinks(table: string): Promise<string[]> {
  const names = await readdir('/sys/class/net');
  const found = await Promise.all(
    names.map(async (name) => {
      const alias = await readFile(`/sys/class/net/${name}/ifalias`, 'utf8').catch(() => '');
      const master = await readFile(`/sys/class/net/${name}/master/ifalias`, 'utf8').catch(() => '');
      return [alias.trim(), master.trim()].includes(table) ? [name] : [];
    }),
  );
  return found.flat();
}

/** How many links of the host have an address of that subnet. */
export async function holders(subnet: string): Promise<number> {
  const routes = await output('ip', '-4', 'route', 'show', 'exact', subnet);
  return routes.split('\n').filter((line) => line !== '').length;
}
