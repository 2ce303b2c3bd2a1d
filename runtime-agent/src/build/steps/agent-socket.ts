/** `RUN --mount=type=ssh`, and ADD of a Git repository by SSH: a socket whose connections end at the client's SSH agent. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { SecretMount } from '#model/dockerfile/mount-option.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildClient } from '../build-client.ts';
import type { BuildRun } from './build-run.ts';

/** Gives the socket's host path; undefined when there is no such agent and the mount does not insist. */
export async function openAgentSocket(
  mount: Pick<SecretMount, 'id' | 'required' | 'mode' | 'uid' | 'gid'>,
  run: Pick<BuildRun, 'client' | 'agents' | 'host'>,
  stack: AsyncDisposableStack,
): Promise<string | undefined> {
  const { id, required } = mount;
  const { client } = run;
  const has = run.agents === 'ask' ? await client?.hasAgent?.(id) : run.agents.includes(id);
  if (client === undefined || !has) {
    if (!required) return undefined;
    throw new EngineError('not-found', `unset ssh forward key ${id} (give it with: --ssh ${id})`);
  }
  const file = path.join(tmpdir(), `slipway-agent-${randomBytes(8).toString('hex')}`); // short: a socket's path is
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    void connect(client, id, socket);
  });
  server.listen(file);
  await once(server, 'listening');
  stack.defer(() => {
    for (const socket of open) socket.destroy();
    server.close();
    rmSync(file, { force: true });
  });
  const { uid, gid } = run.host.ids.toHost(mount);
  chownSync(file, uid, gid);
  chmodSync(file, mount.mode);
  return file;
}

async function connect(client: BuildClient, id: string, socket: Socket): Promise<void> {
  try {
    const agent = await client.agent(id);
    await Promise.all([pipeline(socket, agent, { end: true }), pipeline(agent, socket, { end: true })]);
  } catch {
    socket.destroy(); // whoever asked the agent sees its connection end
  }
}
