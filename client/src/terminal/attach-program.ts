/** A new container in the foreground, as `docker run -it --rm IMAGE`. */
import type { Duplex } from 'node:stream';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { TerminalProgram, TerminalSize } from '../views/ui.ts';

export function runProgram(connection: EngineConnection, image: string): TerminalProgram {
  let stream: Duplex | undefined;
  let id: string | undefined;
  let size: TerminalSize | undefined;
  const applySize = async (): Promise<void> => {
    if (id === undefined || size === undefined) return;
    const query = { h: size.rows, w: size.columns };
    await connection.call('POST', `/containers/${id}/resize`, { query }).catch(() => undefined);
  };
  return {
    async run(screen, signal) {
      size ??= screen.size;
      const created = await connection.call<{ readonly Id: string }>('POST', '/containers/create', {
        body: {
          Image: image,
          Tty: true,
          OpenStdin: true,
          StdinOnce: true,
          AttachStdin: true,
          AttachStdout: true,
          AttachStderr: true,
          HostConfig: { AutoRemove: true },
        },
        signal,
      });
      const opened = await attach(connection, created.Id, signal).catch(async (error: unknown) => {
        await remove(connection, created.Id); // nobody else knows of it, and only its end would remove it
        throw error;
      });
      stream = opened;
      // Closing the terminal ends the container: nobody could reach it any more.
      signal.addEventListener('abort', () => void end(connection, created.Id, opened), { once: true });
      const waiting = connection.call<{ readonly StatusCode: number }>('POST', `/containers/${created.Id}/wait`, {
        query: { condition: 'removed' },
      });
      await connection.call('POST', `/containers/${created.Id}/start`, { signal });
      id = created.Id;
      await applySize();
      for await (const chunk of opened) screen.write(chunk as Uint8Array);
      return (await waiting).StatusCode;
    },
    input(data) {
      if (stream?.writable === true) stream.write(data);
    },
    resize(next) {
      size = next;
      void applySize();
    },
  };
}

function attach(connection: EngineConnection, id: string, signal: AbortSignal): Promise<Duplex> {
  const query = { stream: true, stdin: true, stdout: true, stderr: true };
  return connection.upgrade('POST', `/containers/${id}/attach`, { query, signal });
}

async function end(connection: EngineConnection, id: string, stream: Duplex): Promise<void> {
  stream.destroy();
  await remove(connection, id);
}

async function remove(connection: EngineConnection, id: string): Promise<void> {
  await connection.call('DELETE', `/containers/${id}`, { query: { force: true, v: true } }).catch(() => undefined);
}
