/** Decides over a server's host key: known passes, unknown asks and is remembered, changed or revoked is refused. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import {
  checkHostKey,
  fingerprint,
  hostKeyType,
  type KnownHostsFile,
  knownHostsLine,
  knownHostsName,
  knownKeyTypes,
} from './known-hosts.ts';
import type { UnknownHostKey } from './prompts.ts';
import type { SshTarget } from './target.ts';

export interface HostKeyCheck {
  /** Key types to prefer in the handshake, so that a known key is compared and not a new one asked about. */
  readonly preferredTypes: readonly string[];
  /** @throws EngineError `forbidden` with what to do, `cancelled` when the person said no */
  verify(key: Uint8Array): Promise<void>;
}

/** @param ask true: trust this key, and remember it */
export async function hostKeyCheck(
  target: SshTarget,
  ask: (key: UnknownHostKey) => Promise<boolean>,
): Promise<HostKeyCheck> {
  const name = knownHostsName(target.hostKeyAlias ?? target.host, target.hostKeyAlias === undefined ? target.port : 22);
  const files = await readAll([...target.knownHostsFiles, ...target.globalKnownHostsFiles]);
  let accepted: Buffer | undefined;
  return {
    preferredTypes: knownKeyTypes(files, name),
    async verify(key) {
      // Keys are exchanged again in long connections: the same key needs no second look, another one is an attack.
      if (accepted?.equals(key) === true) return;
      const verdict = accepted === undefined ? checkHostKey(files, name, key) : undefined;
      switch (verdict?.kind) {
        case 'known':
          break;
        case 'unknown':
          await decideUnknown(target, name, key, verdict.otherTypes, ask);
          break;
        case 'changed':
        case 'revoked':
          throw refusal(name, key, verdict);
        case undefined:
          throw new EngineError('forbidden', `${name} changed its host key during the connection. Disconnected.`);
      }
      accepted = Buffer.from(key);
    },
  };
}

async function decideUnknown(
  target: SshTarget,
  name: string,
  key: Uint8Array,
  otherTypes: readonly string[],
  ask: (key: UnknownHostKey) => Promise<boolean>,
): Promise<void> {
  const info = { name: target.name, host: name, keyType: hostKeyType(key), fingerprint: fingerprint(key), otherTypes };
  if (target.strictHostKeys === 'yes') {
    throw new EngineError(
      'forbidden',
      `The host key of ${name} is not in known_hosts, and StrictHostKeyChecking is yes. ` +
        `Its ${info.keyType} key is ${info.fingerprint}: when that is right, run 'ssh ${target.name}' once with StrictHostKeyChecking=ask.`,
    );
  }
  if (target.strictHostKeys === 'ask' && !(await ask(info))) {
    throw new EngineError('cancelled', `The host key of ${name} was not trusted.`);
  }
  const file = target.knownHostsFiles[0];
  if (file !== undefined) await remember(file, knownHostsLine(name, key, target.hashKnownHosts));
}

async function remember(file: string, line: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const before = await readFile(file, 'utf8').catch(() => '');
    await appendFile(file, `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`, { mode: 0o600 });
  } catch (error) {
    throw new EngineError('forbidden', `The host key cannot be written to ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function refusal(
  name: string,
  key: Uint8Array,
  verdict: { readonly kind: 'changed' | 'revoked'; readonly place: { readonly file: string; readonly line: number } },
): EngineError {
  const where = `${verdict.place.file}:${verdict.place.line}`;
  if (verdict.kind === 'revoked') {
    return new EngineError('forbidden', `The host key of ${name} is revoked (${where}). Not connected.`);
  }
  return new EngineError(
    'forbidden',
    `The host key of ${name} has changed: someone may be intercepting the connection, or the machine was installed anew. ` +
      `It sent ${hostKeyType(key)} ${fingerprint(key)}; another key is in ${where}. ` +
      `If you know why it changed, remove the old key with: ssh-keygen -R '${name}' -f '${verdict.place.file}'`,
  );
}

async function readAll(paths: readonly string[]): Promise<KnownHostsFile[]> {
  const files = await Promise.all(
    paths.map(async (file) => ({ path: file, text: await readFile(file, 'utf8').catch(() => '') })),
  );
  return files.filter((file) => file.text !== '');
}
