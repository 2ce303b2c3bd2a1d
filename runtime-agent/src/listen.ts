/** Opens the API's addresses: Unix sockets for a group of the host, TCP with TLS. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import type { TlsOptions } from 'node:tls';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { ApiServer } from './api/server.ts';
import type { EngineConfig, TlsConfig } from './config/engine-config.ts';
import { type ListenAddress, showListenAddress } from './config/listen-address.ts';

const DEFAULT_GROUP = 'slipway';

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

/** The gid of a group of the host by its name or number. Throws EngineError('invalid') for one that was asked for. */
function groupId(name: string | undefined): number | undefined {
  const wanted = name ?? DEFAULT_GROUP;
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((row) => row.split(':'))
    .find(([title]) => title === wanted);
  if (line?.[2] !== undefined) return Number(line[2]);
  if (/^\d+$/.test(wanted)) return Number(wanted);
  if (name === undefined) return undefined;
  throw new EngineError('invalid', `group: ${name} is no group of this host; make it with: groupadd ${name}`);
}

function readTlsFile(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new EngineError('invalid', `${name}: cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

function tlsOptions({ verify, ca, cert, key }: TlsConfig): TlsOptions {
  return {
    cert: readTlsFile('tlscert', cert),
    key: readTlsFile('tlskey', key),
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca: readTlsFile('tlscacert', ca) }),
    ...(verify ? { requestCert: true, rejectUnauthorized: true } : {}),
  };
}

async function listenOn(server: ApiServer, address: ListenAddress, config: EngineConfig): Promise<void> {
  if (address.kind === 'tcp') {
    const { host, port } = address;
    const tls = config.tls === undefined ? undefined : tlsOptions(config.tls);
    await server.listen({ host, port, tls }).catch((cause: unknown) => {
      throw new EngineError('invalid', `cannot listen on ${showListenAddress(address)}: ${messageOf(cause)}`, {
        cause,
      });
    });
    return;
  }
  mkdirSync(path.dirname(address.path), { recursive: true });
  await clearSocket(address.path);
  // Nobody but root until the group is set.
  const mask = process.umask(0o177);
  try {
    await server.listen({ path: address.path });
  } finally {
    process.umask(mask);
  }
  const group = groupId(config.group);
  if (group !== undefined) chownSync(address.path, 0, group);
  chmodSync(address.path, 0o660);
}

/** @returns what is listened on, as it is shown to people */
export async function listenEverywhere(server: ApiServer, config: EngineConfig): Promise<readonly string[]> {
  groupId(config.group);
  for (const address of config.hosts) await listenOn(server, address, config);
  return config.hosts.map(showListenAddress);
}

/** After the server has been closed. */
export function removeSockets(config: EngineConfig): void {
  for (const address of config.hosts) if (address.kind === 'unix') rmSync(address.path, { force: true });
}
