/** Private key files: their public half without the passphrase, and the key itself with it. */
import ssh2, { type ParsedKey } from 'ssh2';

const OPENSSH_BLOCK = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/;
const OPENSSH_MAGIC = 'openssh-key-v1\0';

interface OpenSshHeader {
  readonly encrypted: boolean;
  readonly publicKey: Buffer;
}

/** PROTOCOL.key of OpenSSH: magic, cipher, kdf, kdf options, number of keys, public key … */
function openSshHeader(text: string): OpenSshHeader | undefined {
  const block = OPENSSH_BLOCK.exec(text)?.[1];
  if (block === undefined) return undefined;
  const bytes = Buffer.from(block, 'base64');
  let offset = OPENSSH_MAGIC.length;
  if (bytes.subarray(0, offset).toString('latin1') !== OPENSSH_MAGIC) return undefined;
  const field = (): Buffer => {
    const start = offset + 4;
    offset = start + bytes.readUInt32BE(offset);
    return bytes.subarray(start, offset);
  };
  try {
    const cipher = field().toString('latin1');
    field();
    field();
    offset += 4;
    return { encrypted: cipher !== 'none', publicKey: Buffer.from(field()) };
  } catch {
    return undefined; // cut short
  }
}

/** Whether opening the key takes a passphrase. */
export function isEncryptedKey(text: string): boolean {
  const header = openSshHeader(text);
  if (header !== undefined) return header.encrypted;
  if (text.startsWith('PuTTY-User-Key-File-')) return !/^Encryption: none\s*$/m.test(text);
  return /^Proc-Type: 4,ENCRYPTED/m.test(text) || text.includes('BEGIN ENCRYPTED PRIVATE KEY');
}

/** The private key; undefined when the text is no key that is supported, or the passphrase is wrong. */
export function openPrivateKey(text: string, passphrase?: string): ParsedKey | undefined {
  const key = firstKey(ssh2.utils.parseKey(text, passphrase));
  return key?.isPrivateKey() === true ? key : undefined;
}

/** The public half of a private key file, as far as it can be read without a passphrase. @param pub the text of FILE.pub */
export function publicHalf(text: string, pub: string | undefined): Buffer | undefined {
  const header = openSshHeader(text);
  if (header !== undefined) return header.publicKey;
  if (!isEncryptedKey(text)) return openPrivateKey(text)?.getPublicSSH();
  return pub === undefined ? undefined : parsePublicKey(pub)?.getPublicSSH();
}

export function parsePublicKey(data: string | Buffer): ParsedKey | undefined {
  return firstKey(ssh2.utils.parseKey(data));
}

function firstKey(parsed: ParsedKey | ParsedKey[] | Error): ParsedKey | undefined {
  if (parsed instanceof Error) return undefined;
  return Array.isArray(parsed) ? parsed[0] : parsed;
}
