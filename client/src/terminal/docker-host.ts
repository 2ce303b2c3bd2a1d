/** DOCKER_HOST for programs of this machine: the engine's own socket, or one here that leads to it through SSH. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream';
import type { EngineConnection } from '../hosts/engine-connection.ts';

export interface DockerHost extends AsyncDisposable {
  /** `unix:///…` */
  readonly url: string;
}

/** @param localSocket where the engine of this machine listens */
export async function dockerHost(connection: EngineConnection, localSocket: string): Promise<DockerHost> {
  switch (connection.kind) {
    case 'local':
      return { url: `unix://${localSocket}`, [Symbol.asyncDispose]: async () => undefined };
    case 'socket':
      return { url: `unix://${connection.id.slice('socket:'.length)}`, [Symbol.asyncDispose]: async () => undefined };
    case 'ssh':
      return await forwardedSocket(connection);
  }
}

/** A socket that only this user may open; each connection to it is one to the engine. */
async function forwardedSocket(connection: EngineConnection): Promise<DockerHost> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-'));
  const socketPath = path.join(folder, 'docker.sock');
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    connection.dial().then(
      (engine) => {
        if (socket.destroyed) {
          engine.destroy();
          return;
        }
        // Each side may end before the other does: `docker run < file` still waits for output.
        pipeline(socket, engine, () => undefined);
        pipeline(engine, socket, () => undefined);
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  return {
    url: `unix://${socketPath}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
