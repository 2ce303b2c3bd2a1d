/** The keys a person can prove to hold: of the SSH agent, and of key files. A passphrase is asked only when a key is used. */
import { readFile } from 'node:fs/promises';
import ssh2, { type BaseAgent, type ParsedKey, type SigningRequestOptions } from 'ssh2';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { isEncryptedKey, openPrivateKey, parsePublicKey, publicHalf } from './private-key.ts';
import type { SshPrompts } from './prompts.ts';
import type { SshTarget } from './target.ts';

export interface Identity {
  /** In SSH's wire format. */
  readonly publicKey: Buffer;
  /** Where it comes from, for messages: a file's path, or `agent`. */
  readonly source: string;
  sign(data: Buffer, options: SigningRequestOptions): Promise<Buffer>;
}

export interface Identities {
  readonly list: readonly Identity[];
  /** What could not be used and why, for the message when all else fails. */
  readonly problems: readonly string[];
}

const PASSPHRASE_ATTEMPTS = 3;

export async function findIdentities(target: SshTarget, prompts: SshPrompts): Promise<Identities> {
  const problems: string[] = [];
  const fromAgent = target.agentSocket === undefined ? [] : await agentIdentities(target.agentSocket, problems);
  const files = await Promise.all(target.identityFiles.map((file) => fileIdentity(file, target, prompts, problems)));
  const named = files.filter((file) => file !== undefined);
  const isNamed = (key: Buffer): boolean => named.some((file) => file.publicKey.equals(key));
  // As ssh does: the agent's keys that the configuration names, its others, then the files the agent does not hold.
  const agentFirst = fromAgent.filter((identity) => isNamed(identity.publicKey));
  const agentRest = target.identitiesOnly ? [] : fromAgent.filter((identity) => !isNamed(identity.publicKey));
  const filesLeft = named.filter(
    (file) => file.sign !== undefined && !agentFirst.some((identity) => identity.publicKey.equals(file.publicKey)),
  );
  return { list: [...agentFirst, ...agentRest, ...(filesLeft as Identity[])], problems };
}

async function agentIdentities(socket: string, problems: string[]): Promise<Identity[]> {
  const agent = ssh2.createAgent(socket) as BaseAgent<ParsedKey>;
  try {
    const keys = await new Promise<readonly unknown[]>((resolve, reject) => {
      agent.getIdentities((error, found) => (error ? reject(error) : resolve(found ?? [])));
    });
    return keys.flatMap((key) => {
      const parsed = ssh2.utils.parseKey(key as Buffer);
      if (parsed instanceof Error) return [];
      const sign: Identity['sign'] = (data, options) =>
        new Promise((resolve, reject) => {
          agent.sign(parsed, data, options, (error, signature) => {
            if (signature === undefined) reject(error ?? new Error('the agent did not sign'));
            else resolve(signature);
          });
        });
      return [{ publicKey: parsed.getPublicSSH(), source: 'agent', sign }];
    });
  } catch (error) {
    problems.push(`the SSH agent at ${socket} does not answer (${messageOf(error)})`);
    return [];
  }
}

/** A file that holds a public key only has no `sign`: it says which key of the agent to use. */
type FileIdentity = Omit<Identity, 'sign'> & Partial<Pick<Identity, 'sign'>>;

async function fileIdentity(
  file: string,
  target: SshTarget,
  prompts: SshPrompts,
  problems: string[],
): Promise<FileIdentity | undefined> {
  const pub = await readFile(`${file}.pub`, 'utf8').catch(() => undefined);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const publicOnly = pub === undefined ? undefined : parsePublicKey(pub);
    if (publicOnly !== undefined) return { publicKey: publicOnly.getPublicSSH(), source: file };
    if (target.identityFilesNamed) problems.push(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
  if (!text.includes('PRIVATE KEY') && !text.startsWith('PuTTY')) {
    const key = parsePublicKey(text);
    return key === undefined ? undefined : { publicKey: key.getPublicSSH(), source: file };
  }
  const open = rememberFirst(() => openWithPassphrase(file, text, prompts));
  // An old encrypted PEM without its .pub says nothing about itself: it has to be opened at once.
  const publicKey = publicHalf(text, pub) ?? (isEncryptedKey(text) ? (await open()).getPublicSSH() : undefined);
  if (publicKey === undefined) {
    problems.push(`${file} is not a key of a supported kind`);
    return undefined;
  }
  return { publicKey, source: file, sign: async (data, options) => (await open()).sign(data, options.hash) };
}

async function openWithPassphrase(file: string, text: string, prompts: SshPrompts): Promise<ParsedKey> {
  const encrypted = isEncryptedKey(text);
  for (let attempt = 1; attempt <= PASSPHRASE_ATTEMPTS; attempt++) {
    const passphrase = encrypted ? await prompts.passphrase(file, attempt) : undefined;
    if (encrypted && passphrase === undefined) {
      throw new EngineError('cancelled', `No passphrase was given for ${file}.`);
    }
    const key = openPrivateKey(text, passphrase);
    if (key !== undefined) return key;
    if (!encrypted) break;
  }
  throw new EngineError(
    'unauthorized',
    encrypted ? `Wrong passphrase for ${file}.` : `${file} is not a private key of a supported kind.`,
  );
}

function rememberFirst<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** All identities behind the one interface that the SSH library tries keys through. */
export function agentOver(identities: readonly Identity[], onSignError: (error: Error) => void): BaseAgent {
  const agent = {
    getIdentities: (done: (error: undefined, keys: Buffer[]) => void) =>
      done(
        undefined,
        identities.map((identity) => identity.publicKey),
      ),
    sign(
      key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions,
      done: (error: Error | undefined, signature?: Buffer) => void,
    ) {
      const identity = identities.find(({ publicKey }) => publicKey.equals(key.getPublicSSH()));
      const signature = identity?.sign(data, options) ?? Promise.reject(new Error('no such key'));
      signature.then(
        (bytes) => done(undefined, bytes),
        (error: Error) => {
          onSignError(error);
          done(error);
        },
      );
    },
  };
  return Object.assign(Object.create(ssh2.BaseAgent.prototype) as object, agent) as unknown as BaseAgent;
}
