/**
 * Another machine, as far as SSH and an engine on it can tell: namespaces of its own for processes, mounts, network and
 * host name, with an OpenSSH server in them and empty places where an engine keeps its things. Needs root.
 *
 *     await using machine = await startSshMachine();
 *     // HOME for whoever connects: its ~/.ssh/config knows the machine as `build-box`
 *     await startEditor({ env: { HOME: machine.clientHome }, … });
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Registry, REGISTRY_STORAGE, startRegistry } from '../../tools/world/registry.ts';
import { callSocket } from './call-socket.ts';
import { makeKey } from './sshd.ts';

export const MACHINE_NAME = 'build-box';

export interface SshMachine extends AsyncDisposable {
  readonly address: string;
  /** HOME of the person who connects: a key that lets root in, and an entry in ~/.ssh/config; no known host yet. */
  readonly clientHome: string;
  /** Of its host key, as ssh-keygen(1) and our question show it. */
  readonly fingerprint: string;
  /** The made images, reachable from the machine. */
  readonly mirror: string;
  /** DOCKER_HOST of the engine there, once it runs, past SSH. */
  readonly url: string;
  /** Runs a shell command there, past SSH. */
  run(command: string): string;
}

const START_MS = 10_000;

export async function startSshMachine(): Promise<SshMachine> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-m-'));
  made.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const net = network();
  const clientHome = await prepareFiles(folder, net.machine);
  const child = spawn('unshare', [...NAMESPACES, 'sh', '-c', script(folder), 'sh', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-8000)));
  const exited = once(child, 'exit');
  made.defer(async () => {
    child.kill('SIGKILL'); // --kill-child: with it goes everything that runs there
    await exited;
  });
  const pid = await pidOfFirstProcess(child.pid ?? 0);
  made.defer(() => net.remove());
  net.connect(pid);
  await waitFor(
    () => log.includes('Server listening'),
    () => `sshd did not start:\n${log}`,
  );
  const mirror: Registry = await startRegistry({ storage: REGISTRY_STORAGE, readOnly: true, address: net.host });
  made.use(mirror);
  const socket = `/proc/${pid}/root/run/slipway/slipway.sock`;
  made.defer(() => removeContainers(socket));
  const kept = made.move();
  return {
    address: net.machine,
    clientHome,
    fingerprint:
      /SHA256:\S+/.exec(execFileSync('ssh-keygen', ['-lf', `${folder}/host_key`], { encoding: 'utf8' }))?.[0] ?? '',
    mirror: mirror.url,
    url: `unix://${socket}`,
    run: (command) =>
      execFileSync('nsenter', ['--target', String(pid), '--all', 'sh', '-c', command], { encoding: 'utf8' }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const NAMESPACES = ['--mount', '--net', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'];

/** The first process there. `$1` holds what the machine has of its own. */
function script(folder: string): string {
  return `set -e
hostname ${MACHINE_NAME}
for own in /root /var/lib/slipway /run/slipway; do
  mkdir -p "$own" "$1/machine$own"
  mount --bind "$1/machine$own" "$own"
done
# The /sys of its own network, and below it the cgroups, which all share.
mkdir "$1/cgroup"
mount --rbind /sys/fs/cgroup "$1/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$1/cgroup" /sys/fs/cgroup
ip link set lo up
export HOME=/root
cd /
exec /usr/sbin/sshd -D -e -f ${folder}/sshd_config`;
}

async function prepareFiles(folder: string, address: string): Promise<string> {
  await chmod(folder, 0o755);
  const clientHome = path.join(folder, 'client');
  const ssh = path.join(clientHome, '.ssh');
  await mkdir(ssh, { recursive: true, mode: 0o700 });
  const key = makeKey(path.join(ssh, 'id_ed25519'));
  const config = `Host ${MACHINE_NAME}\n  HostName ${address}\n  User root\n  IdentityFile ${key}\n`;
  await writeFile(path.join(ssh, 'config'), config, { mode: 0o600 });
  await copyFile(`${key}.pub`, path.join(folder, 'authorized_keys'));
  const hostKey = makeKey(path.join(folder, 'host_key'));
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const lines = [
    'ListenAddress 0.0.0.0',
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'Subsystem sftp internal-sftp',
    'PidFile none',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    ...passedOn(['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']),
  ];
  await writeFile(path.join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  return clientHome;
}

/** What programs need here to trust the package registries, they need there too. */
function passedOn(names: readonly string[]): string[] {
  const set = names.flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));
  return set.length === 0 ? [] : [`SetEnv ${set.join(' ')}`];
}

/** unshare's child, the first process of the new namespaces. */
async function pidOfFirstProcess(parent: number): Promise<number> {
  let child = '';
  await waitFor(
    async () => {
      child = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '')).trim();
      return child !== '';
    },
    () => 'unshare did not start a process',
  );
  return Number(child);
}

interface MachineNetwork {
  readonly host: string;
  readonly machine: string;
  connect(pid: number): void;
  remove(): void;
}

/** A cable between here and there, and the way out to the internet through this machine. */
function network(): MachineNetwork {
  const number = process.pid % 250;
  const [host, machine] = [`10.213.${number}.1`, `10.213.${number}.2`];
  const link = `slipm${process.pid}`;
  const table = `slipway_machine_${process.pid}`;
  const run = (program: string, ...args: string[]): void =>
    void execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return {
    host,
    machine,
    connect(pid) {
      const inside = ['--target', String(pid), '--net', 'ip'];
      run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
      run('ip', 'address', 'add', `${host}/30`, 'dev', link);
      run('ip', 'link', 'set', link, 'up');
      run('nsenter', ...inside, 'address', 'add', `${machine}/30`, 'dev', 'eth0');
      run('nsenter', ...inside, 'link', 'set', 'eth0', 'up');
      run('nsenter', ...inside, 'route', 'add', 'default', 'via', host);
      run('sysctl', '-q', 'net.ipv4.ip_forward=1');
      run(
        'nft',
        `table ip ${table} { chain out { type nat hook postrouting priority 100; ip saddr ${machine} masquerade; }; }`,
      );
    },
    remove() {
      // The cable goes with the machine's namespace.
      run('nft', 'delete', 'table', 'ip', table);
    },
  };
}

/** So that nothing of them stays in the cgroups, which the machine shares with us. */
async function removeContainers(socket: string): Promise<void> {
  if (!existsSync(socket)) return;
  const listed = await callSocket(socket, 'GET', '/containers/json?all=1').catch(() => undefined);
  for (const { Id } of listed?.json<{ Id: string }[]>() ?? []) {
    await callSocket(socket, 'DELETE', `/containers/${Id}?force=1&v=1`);
  }
}

async function waitFor(condition: () => boolean | Promise<boolean>, message: () => string): Promise<void> {
  for (const deadline = Date.now() + START_MS; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(message());
  }
}
