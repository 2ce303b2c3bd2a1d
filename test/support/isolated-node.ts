/** A Node program in network and pid namespaces of its own: as much of a container as the debugger's relay needs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface IsolatedNode extends AsyncDisposable {
  /** The host pid of the namespaces' first process, a shell. */
  readonly pid: number;
  output(): string;
}

/** @param command run by a shell in the namespaces; ready once it has printed `ready` */
export async function isolatedNode(command: string, cwd: string): Promise<IsolatedNode> {
  const args = [
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'sh',
    '-c',
    `ip link set lo up; ${command}`,
  ];
  const child = spawn('unshare', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const deadline = Date.now() + 10_000;
  while (!output.includes('ready')) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${command} did not get ready:\n${output}`);
    await sleep(20);
  }
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  return {
    pid: Number(children.trim().split(' ')[0]),
    output: () => output,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
