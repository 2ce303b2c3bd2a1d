/**
 * Between choosing a free subnet and having its bridge, another engine on the machine must not choose the same. An
 * abstract Unix socket is the lock: it belongs to the network namespace, as subnets do, and dies with its holder.
 */
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';

const NAME = '\0slipway-subnets';
const PAUSE_MS = 10;
const PATIENCE_MS = 10_000;

export async function withSubnetLock<T>(work: () => Promise<T>): Promise<T> {
  const release = await acquire();
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(): Promise<() => Promise<void>> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    const held = await new Promise<boolean>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve(false);
        else reject(error);
      });
      server.listen(NAME, () => resolve(true));
    });
    if (held) return () => new Promise((resolve) => void server.close(() => resolve()));
    if (Date.now() > deadline) {
      throw new EngineError('unavailable', 'another engine on this host has been choosing a subnet for 10 seconds');
    }
    await delay(PAUSE_MS);
  }
}
