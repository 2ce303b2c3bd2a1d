/**
 * Another machine, as far as SSH and an engine on it can tell, with a cable to this one and through it to the internet.
 *
 *     await using machine = await startSshMachine();
 *     // HOME for whoever connects: its ~/.ssh/config knows the machine as `build-box`
 *     await startEditor({ env: { HOME: machine.clientHome }, … });
 */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { REGISTRY_STORAGE, startRegistry } from '../../tools/world/registry.ts';
import { type Machine, startMachine, waitFor } from './machine.ts';
import { makeKey, TRUST } from './sshd.ts';

export const MACHINE_NAME = 'build-box';

export interface SshMachine extends Pick<Machine, 'url' | 'run' | 'spawn'>, AsyncDisposable {
  /** HOME of the person who connects: a key that lets root in, and an entry in ~/.ssh/config; no known host yet. */
  readonly clientHome: string;
  /** Of its host key, as ssh-keygen(1) and our question show it. */
  readonly fingerprint: string;
  /** The made images, reachable from the machine. */
  readonly mirror: string;
}

export async function startSshMachine(): Promise<SshMachine> {
  await using made = new AsyncDisposableStack();
  const net = network();
  const machine = made.use(
    await startMachine({
      name: MACHINE_NAME,
      own: ['/root', '/var/lib/slipway', '/run/slipway'],
      main: 'export HOME=/root; exec /usr/sbin/sshd -D -e -f "$1/sshd_config"',
      prepare: (folder) => prepareFiles(folder, net.machine),
    }),
  );
  net.connect(machine.pid);
  made.defer(() => net.remove());
  await waitFor(
    () => machine.log().includes('Server listening'),
    () => `sshd did not start:\n${machine.log()}`,
  );
  const mirror = made.use(await startRegistry({ storage: REGISTRY_STORAGE, readOnly: true, address: net.host }));
  const shown = execFileSync('ssh-keygen', ['-lf', path.join(machine.folder, 'host_key')], { encoding: 'utf8' });
  const kept = made.move();
  return {
    clientHome: path.join(machine.folder, 'client'),
    fingerprint: /SHA256:\S+/.exec(shown)?.[0] ?? '',
    mirror: mirror.url,
    url: machine.url,
    run: machine.run,
    spawn: machine.spawn,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function prepareFiles(folder: string, address: string): Promise<void> {
  const ssh = path.join(folder, 'client/.ssh');
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
    ...TRUST,
  ];
  await writeFile(path.join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
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
  const chain = `type nat hook postrouting priority 100; ip saddr ${machine} masquerade;`;
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
      run('nft', `table ip ${table} { chain out { ${chain} }; }`);
    },
    remove() {
      // The cable goes with the machine's namespace.
      run('nft', 'delete', 'table', 'ip', table);
    },
  };
}
