/** A machine beside the host: a namespace with a cable to it, for what comes from outside. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomInt } from 'node:crypto';
import { ask, output, runProgram, serve } from './networks.ts';

export interface Outside extends AsyncDisposable {
  readonly address: string;
  readonly address6: string;
  /** The host's end of the cable. */
  readonly hostAddress: string;
  readonly hostAddress6: string;
  run(...command: readonly string[]): Promise<string>;
  ask(protocol: 'tcp' | 'udp', address: string, port: number): Promise<string>;
  serve(protocol: 'tcp' | 'udp', port: number): Promise<void>;
}

/** The cable is a /30 of 198.18.0.0/15 (RFC 2544) and a /64 of fd98::/32. */
export async function startOutside(): Promise<Outside> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-o-'));
  const netns = path.join(folder, 'netns');
  const [block, cable] = [randomInt(64) * 4, `so${path.basename(folder).slice(-6).toLowerCase()}`];
  const net = `198.18.${randomInt(256)}`;
  const net6 = `fd98:${randomInt(0xffff).toString(16)}`;
  const [hostAddress, address] = [`${net}.${block + 1}`, `${net}.${block + 2}`];
  const [hostAddress6, address6] = [`${net6}::1`, `${net6}::2`];
  await writeFile(netns, '');
  await output('unshare', `--net=${netns}`, 'ip', 'link', 'set', 'lo', 'up');
  const inside = (...command: string[]) => output('nsenter', `--net=${netns}`, ...command);
  await output('ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns);
  await output('ip', 'address', 'add', `${hostAddress}/30`, 'dev', cable);
  await output('ip', 'address', 'add', `${hostAddress6}/64`, 'dev', cable, 'nodad');
  await output('ip', 'link', 'set', cable, 'up');
  await inside('ip', 'address', 'add', `${address}/30`, 'dev', 'eth0');
  await inside('ip', 'address', 'add', `${address6}/64`, 'dev', 'eth0', 'nodad');
  await inside('ip', 'link', 'set', 'eth0', 'up');
  const ends: (() => Promise<void>)[] = [];
  return {
    address,
    address6,
    hostAddress,
    hostAddress6,
    run: (...command) => inside(...command),
    ask: (protocol, to, port) => ask(netns, protocol, to, port),
    async serve(protocol, port) {
      ends.push(await serve(netns, 'outside', protocol, port));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(ends.map((end) => end()));
      await runProgram('ip', 'link', 'delete', cable);
      await runProgram('umount', netns);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
