/** Trust and identity for single registries, in folders like /etc/docker/certs.d (docs.docker.com, "certificates"). */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type https from 'node:https';
import path from 'node:path';
import tls from 'node:tls';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';

export interface HostCertificates {
  /** Changes with the files. */
  readonly stamp: string;
  /** Throws EngineError('internal') when a pair is incomplete, or a file cannot be used. */
  read(options: { readonly verify: boolean }): https.AgentOptions;
}

/** @param host with its port @param folders each may have one of the host's name; the first counts */
export function hostCertificates(host: string, folders: readonly string[]): HostCertificates {
  const folder = folders.map((one) => path.join(one, host)).find((one) => existsSync(one));
  if (folder === undefined) return { stamp: '', read: ({ verify }) => (verify ? { ca: authorities() } : {}) };
  const names = readdirSync(folder).sort();
  const changed = (name: string): number => statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const stamp = names.map((name) => `${name} ${changed(name)}`).join(' ');
  return { stamp, read: () => readCertificates(folder, names) };
}

function readCertificates(folder: string, names: readonly string[]): https.AgentOptions {
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const own = names.filter((name) => name.endsWith('.crt')).map(read);
  const pairs = pairsOf(names);
  const identity =
    pairs.length === 0 ? {} : { cert: pairs.map(([cert]) => read(cert)), key: pairs.map(([, key]) => read(key)) };
  const options = { ca: [...authorities(), ...own], ...identity };
  try {
    tls.createSecureContext(options);
  } catch (error) {
    const text = `the certificates in ${folder} cannot be used: ${messageOf(error)}`;
    throw new EngineError('internal', text, { cause: error });
  }
  return options;
}

/** `x.cert` with `x.key`, in Docker's words where one is missing. */
function pairsOf(names: readonly string[]): (readonly [cert: string, key: string])[] {
  const bases = (suffix: string): string[] =>
    names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
  const [certs, keys] = [bases('.cert'), bases('.key')];
  for (const base of certs.filter((one) => !keys.includes(one))) {
    const advice = 'CA certificates must use the extension .crt';
    throw new EngineError('internal', `missing key ${base}.key for client certificate ${base}.cert. ${advice}`);
  }
  for (const base of keys.filter((one) => !certs.includes(one)))
    throw new EngineError('internal', `missing client certificate ${base}.cert for key ${base}.key`);
  return certs.map((base) => [`${base}.cert`, `${base}.key`]);
}

/** The host's bundle besides Node's own: companies add their authorities there. */
function authorities(): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}
