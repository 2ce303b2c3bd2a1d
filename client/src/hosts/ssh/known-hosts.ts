/** known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): what they say about a host's key. Pure. */
import { createHash, createHmac, randomBytes } from 'node:crypto';

export interface KnownHostsFile {
  readonly path: string;
  readonly text: string;
}

export interface KnownKeyPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** `otherTypes`: the files know the host by keys of these types. */
  | { readonly kind: 'unknown'; readonly otherTypes: readonly string[] }
  | { readonly kind: 'changed'; readonly place: KnownKeyPlace }
  | { readonly kind: 'revoked'; readonly place: KnownKeyPlace };

interface Entry extends KnownKeyPlace {
  readonly marker: string | undefined;
  readonly patterns: string;
  readonly keyType: string;
  readonly key: string;
}

/** The name a host goes by in known_hosts: the port is part of it unless it is 22. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** @param key the key as the server sent it (RFC 4253, 6.6) */
export function checkHostKey(files: readonly KnownHostsFile[], name: string, key: Uint8Array): HostKeyVerdict {
  const wanted = Buffer.from(key).toString('base64');
  const type = hostKeyType(key);
  const entries = entriesFor(files, name);
  const revoked = entries.find((entry) => entry.marker === '@revoked' && entry.key === wanted);
  if (revoked !== undefined) return { kind: 'revoked', place: placeOf(revoked) };
  // Certificates are not spoken by the SSH library: an authority says nothing about a plain key.
  const plain = entries.filter((entry) => entry.marker === undefined);
  if (plain.some((entry) => entry.key === wanted)) return { kind: 'known' };
  const sameType = plain.find((entry) => entry.keyType === type);
  if (sameType !== undefined) return { kind: 'changed', place: placeOf(sameType) };
  return { kind: 'unknown', otherTypes: [...new Set(plain.map((entry) => entry.keyType))] };
}

/** The key types that the files know the host by: ask the server for one of these first. */
export function knownKeyTypes(files: readonly KnownHostsFile[], name: string): string[] {
  const plain = entriesFor(files, name).filter((entry) => entry.marker === undefined);
  return [...new Set(plain.map((entry) => entry.keyType))];
}

/** The line that makes the key known. @param hash hides the name (HashKnownHosts) */
export function knownHostsLine(name: string, key: Uint8Array, hash: boolean): string {
  return `${hash ? hashedName(name, randomBytes(20)) : name} ${hostKeyType(key)} ${Buffer.from(key).toString('base64')}`;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** @returns e.g. `ssh-ed25519`; empty when the bytes are no key */
export function hostKeyType(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  if (bytes.length < 4) return '';
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1');
}

function placeOf({ file, line }: Entry): KnownKeyPlace {
  return { file, line };
}

function entriesFor(files: readonly KnownHostsFile[], name: string): Entry[] {
  return files.flatMap((file) => parse(file)).filter((entry) => namesMatch(entry.patterns, name));
}

function parse(file: KnownHostsFile): Entry[] {
  return file.text.split('\n').flatMap((text, index) => {
    const words = text.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [patterns, keyType, key] = words;
    if (patterns === undefined || patterns.startsWith('#') || keyType === undefined || key === undefined) return [];
    return [{ file: file.path, line: index + 1, marker, patterns, keyType, key }];
  });
}

function namesMatch(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) {
    const salt = Buffer.from(patterns.split('|')[2] ?? '', 'base64');
    return hashedName(name, salt) === patterns;
  }
  const list = patterns.toLowerCase().split(',');
  const matches = (pattern: string): boolean => wildcard(pattern).test(name);
  if (list.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return list.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

function hashedName(name: string, salt: Buffer): string {
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}
