/** A port of this machine that an SSH host is lent: how images that were made here reach it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { resolveSshTarget } from '../../client/src/hosts/ssh/config.ts';
import { openSshSession, type SshSession } from '../../client/src/hosts/ssh/session.ts';
import { waitFor } from '../support/machine.ts';
import { MACHINE_NAME, type SshMachine, startSshMachine } from '../support/ssh-machine.ts';

const skip = process.getuid?.() !== 0 && 'needs root';
const server = createServer((request, response) => response.end(`here: ${request.url}`));
let machine: SshMachine;
let port: number;
before(async () => {
  if (skip !== false) return;
  machine = await startSshMachine();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
after(async () => {
  server.close();
  await machine?.[Symbol.asyncDispose]();
});

async function connect(log: string[]): Promise<SshSession> {
  const home = machine.clientHome;
  const userFile = path.join(home, '.ssh/config');
  const sources = { userFile, systemFile: '/dev/null', home, localUser: 'root', env: {} };
  const resolve = (name: string): ReturnType<typeof resolveSshTarget> => resolveSshTarget(name, sources);
  const no = async (): Promise<undefined> => undefined;
  const prompts = { trustHostKey: async () => true, passphrase: no, password: no, answer: no };
  return await openSshSession(resolve(MACHINE_NAME), { prompts, resolve, log: (line) => log.push(line), lend: port });
}

/** Not with `machine.run`, which would keep our server from answering. */
async function ask(): Promise<string> {
  const curl = machine.spawn('curl', ['-sS', '--max-time', '5', `http://127.0.0.1:${port}/v2/`], process.env);
  const [output, errors] = [curl.stdout, curl.stderr].map((stream) => (stream === null ? '' : text(stream)));
  return `${await output}${await errors}`;
}

async function untilAnswer(wanted: RegExp): Promise<void> {
  let last = '';
  await waitFor(
    async () => wanted.test((last = await ask())),
    () => last,
  );
}

test('the host reaches it on loopback only, and no longer than the connection lasts', { skip }, async () => {
  const session = await connect([]);
  await untilAnswer(/^here: \/v2\/$/);
  const listening = machine.run('cat /proc/net/tcp');
  assert.match(listening, new RegExp(`0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} .* 0A `));
  assert.doesNotMatch(listening, new RegExp(`00000000:${port.toString(16).toUpperCase().padStart(4, '0')} `));
  session.end();
  await untilAnswer(/Failed to connect|refused/);
});

test('where another connection holds it, it is said once and taken over when that has ended', { skip }, async () => {
  const [first, second]: string[][] = [[], []];
  const one = await connect(first ?? []);
  await waitFor(
    () => first?.length === 1,
    () => String(first),
  );
  const other = await connect(second ?? []);
  await waitFor(
    () => second?.length === 1,
    () => String(second),
  );
  assert.match(second?.[0] ?? '', /^build-box cannot reach port \d+ of this machine, and is asked again: /);
  one.end();
  await waitFor(
    () => second?.length === 2,
    () => String(second),
  );
  assert.equal(second?.[1], `build-box reaches port ${port} of this machine`);
  await untilAnswer(/^here: /);
  other.end();
});
