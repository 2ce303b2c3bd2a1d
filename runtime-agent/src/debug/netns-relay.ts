/**
 * The helper process inside a container's network namespace (Node itself cannot setns): it listens on a Unix socket,
 * which no network namespace hides, and connects each client to the address that the client's first line names.
 *
 *     client: HOST PORT\n      helper: ok\n, then raw bytes both ways; or: error CODE\n and the end
 *
 * It ends when its standard input does, that is, with the engine.
 */
import { connect, createServer, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { EngineError } from '#model/engine-api/errors.ts';

const HEADER_LIMIT = 300;

/** @param args `--listen PATH`. Prints `ready` when clients may come; resolves when the engine has gone. */
export async function runNetnsRelay(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { listen: { type: 'string' } } });
  const { listen } = values;
  if (listen === undefined) throw new EngineError('invalid', 'netns-relay needs --listen PATH');
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void serve(client));
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(listen, resolve);
  });
  process.stdout.write('ready\n');
  const { promise, resolve } = Promise.withResolvers<number>();
  process.stdin.on('close', () => resolve(0)).on('error', () => resolve(0));
  process.stdin.resume();
  const code = await promise;
  server.close();
  return code;
}

async function serve(client: Socket): Promise<void> {
  client.on('error', () => client.destroy());
  const address = await readHeader(client);
  if (address === undefined) {
    client.end('error EPROTO\n');
    return;
  }
  const upstream = connect({ ...address, allowHalfOpen: true, noDelay: true });
  upstream.once('error', (error: NodeJS.ErrnoException) => client.end(`error ${error.code ?? 'EIO'}\n`));
  upstream.once('connect', () => {
    upstream.removeAllListeners('error');
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroySoon());
    client.write('ok\n');
    upstream.pipe(client);
    client.pipe(upstream);
  });
}

/** Reads up to the first newline; what follows stays in the stream. */
function readHeader(client: Socket): Promise<{ host: string; port: number } | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const done = (address: { host: string; port: number } | undefined): void => {
      client.off('readable', look).off('close', gone);
      resolve(address);
    };
    const gone = (): void => done(undefined);
    const look = (): void => {
      for (let chunk = client.read() as Buffer | null; chunk !== null; chunk = client.read() as Buffer | null) {
        const end = chunk.indexOf('\n');
        text += chunk.subarray(0, end === -1 ? chunk.length : end).toString('latin1');
        if (end !== -1) {
          const rest = chunk.subarray(end + 1);
          if (rest.length > 0) client.unshift(rest);
          return done(parseHeader(text));
        }
        if (text.length > HEADER_LIMIT) return done(undefined);
      }
    };
    client.on('readable', look).on('close', gone);
  });
}

function parseHeader(line: string): { host: string; port: number } | undefined {
  const match = /^([0-9a-fA-F.:]+) (\d{1,5})$/.exec(line);
  const [, host, port] = match ?? [];
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) };
}
