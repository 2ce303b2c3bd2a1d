/** The composition root of the engine: every part is made here and handed what it needs; nothing else is global. */
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { systemInfo, systemVersion } from './api/info.ts';
import { createRouter } from './api/router.ts';
import { systemRoutes } from './api/routes/system.ts';
import { createApiServer } from './api/server.ts';
import type { EngineConfig } from './config.ts';
import { createEventLog } from './events/event-log.ts';
import { readHostFacts } from './host/facts.ts';
import { linuxHost } from './host/linux.ts';
import { installCommand } from '#model/host/tools.ts';
import { hostFamily, missingTools } from './host/tools.ts';
import { openDatabase } from './state/database.ts';

export interface Engine extends AsyncDisposable {
  readonly socket: string;
}

function refuseUnusableHost(): void {
  if (process.getuid?.() !== 0) {
    throw new EngineError('forbidden', 'the engine needs root: start it with sudo (rootless mode is not there yet)');
  }
  const missing = missingTools();
  if (missing.length === 0) return;
  const names = missing.map((tool) => tool.program).join(', ');
  const command = installCommand(missing, hostFamily());
  const how = command === undefined ? "install them with this system's package manager" : `install with: ${command}`;
  throw new EngineError('unavailable', `this host lacks ${names}; ${how}`);
}

/** Removes the socket of a dead engine; refuses to take the place of a living one. */
async function clearSocket(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(file, () => resolve(true));
    probe.on('error', () => resolve(false));
    probe.on('connect', () => probe.destroy());
  });
  if (alive)
    throw new EngineError('conflict', `an engine is already listening on ${file}: stop it, or use another --socket`);
  rmSync(file);
}

/** The gid of a group of the host, or undefined. */
function groupId(name: string): number | undefined {
  const line = new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(readFileSync('/etc/group', 'utf8'));
  return line?.[1] === undefined ? undefined : Number(line[1]);
}

async function listen(server: { listen(socket: string): Promise<void> }, socket: string): Promise<void> {
  mkdirSync(path.dirname(socket), { recursive: true });
  await clearSocket(socket);
  await server.listen(socket);
  chmodSync(socket, 0o660);
  const group = groupId('slipway');
  if (group !== undefined) chownSync(socket, 0, group);
}

function ipv4Forwarding(): boolean {
  return readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() === '1';
}

export async function startEngine(config: EngineConfig): Promise<Engine> {
  refuseUnusableHost();
  for (const folder of [config.dataRoot, config.execRoot]) mkdirSync(folder, { recursive: true, mode: 0o711 });
  await using made = new AsyncDisposableStack();
  const database = made.use(openDatabase(path.join(config.dataRoot, 'state.db')));
  const events = createEventLog();
  const facts = await readHostFacts(linuxHost, config.dataRoot);
  const settings = database.collection<string>('settings');
  const id = settings.get('engine-id') ?? randomUUID();
  settings.put('engine-id', id);
  void events;

  const routes = [
    ...systemRoutes({
      info: async () =>
        systemInfo({
          id,
          config,
          facts,
          counts: { running: 0, paused: 0, stopped: 0, images: 0, eventListeners: 0 },
          ipv4Forwarding: ipv4Forwarding(),
          initBinary: 'docker-init',
        }),
      version: async () => systemVersion(facts),
      diskUsage: async () => ({}),
    }),
  ];
  const server = made.use(
    createApiServer({
      router: createRouter(routes),
      onFault: (error, request) => console.error(`${request.method} ${request.url}: ${messageOf(error)}`),
    }),
  );
  await listen(server, config.socket);
  const disposables = made.move();
  return {
    socket: config.socket,
    [Symbol.asyncDispose]: async () => {
      await disposables.disposeAsync();
      rmSync(config.socket, { force: true });
    },
  };
}
