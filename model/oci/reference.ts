/**
 * Image references: `[host[:port]/]path[:tag][@digest]`, normalised as Docker does (`node:20` is
 * `docker.io/library/node:20`). The grammar is that of distribution/reference.
 */
import { EngineError } from '../engine-api/errors.ts';
import { type Digest, isDigest } from './digest.ts';

export interface ImageReference {
  /** Registry host with port: `docker.io` when the user named none. */
  readonly domain: string;
  /** Repository path: `library/node`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

export const DEFAULT_DOMAIN = 'docker.io';
const OFFICIAL = 'library/';
const DEFAULT_TAG = 'latest';
const NAME_LIMIT = 255;
/** Hexadecimal digits. */
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

const DOMAIN =
  /^(?:\[[0-9a-fA-F:]+\]|(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*)(?::\d+)?$/;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

const bad = (detail = ''): EngineError => new EngineError('invalid', `invalid reference format${detail}`);

/** Throws EngineError('invalid') in Docker's words. A reference without tag and digest keeps having neither. */
export function parseReference(text: string): ImageReference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw new EngineError('invalid', `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const { domain, remainder } = splitDomain(named);
  const colon = remainder.indexOf(':');
  const path = colon === -1 ? remainder : remainder.slice(0, colon);
  const tag = colon === -1 ? undefined : remainder.slice(colon + 1);
  if (path.toLowerCase() !== path) throw bad(`: repository name (${path}) must be lowercase`);
  if (!DOMAIN.test(domain) || !path.split('/').every((part) => PATH_COMPONENT.test(part))) throw bad();
  if (tag !== undefined && !TAG.test(tag)) throw bad();
  if (digest !== undefined && !isDigest(digest)) throw badDigest(digest);
  if (domain.length + 1 + path.length > NAME_LIMIT) {
    throw new EngineError('invalid', `repository name must not be more than ${NAME_LIMIT} characters`);
  }
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** What distribution/reference says of one that has the form of a digest. */
function badDigest(text: string): EngineError {
  if (!/^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/.test(text)) return bad();
  const [algorithm = '', hex = ''] = text.split(':');
  if (!Object.hasOwn(DIGEST_LENGTHS, algorithm)) return new EngineError('invalid', 'unsupported digest algorithm');
  const isLength = DIGEST_LENGTHS[algorithm] === hex.length;
  return new EngineError('invalid', `invalid checksum digest ${isLength ? 'format' : 'length'}`);
}

function splitDomain(name: string): { domain: string; remainder: string } {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first;
  const domain = isHost ? first.replace(/^index\.docker\.io$/, DEFAULT_DOMAIN) : DEFAULT_DOMAIN;
  const remainder = isHost ? name.slice(slash + 1) : name;
  return {
    domain,
    remainder: domain === DEFAULT_DOMAIN && !remainder.includes('/') ? OFFICIAL + remainder : remainder,
  };
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** With `latest` when it has neither tag nor digest. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  return { ...reference, tag: DEFAULT_TAG };
}

/** `library/node` of docker.io is `node`, other paths of docker.io lose the host only. */
export function familiarName({ domain, path }: ImageReference): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`;
  const rest = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path;
  // The short form must not mean something else: `library/library/x` is no `library/x`, `docker.io/a.b/x` no host a.b.
  const short = rest.includes('/') ? path : rest;
  return splitDomain(short).domain === DEFAULT_DOMAIN ? short : `${domain}/${path}`;
}

/** As Docker shows it: `node:20`, `host:5000/a/b@sha256:…`. */
export function familiarReference(reference: ImageReference): string {
  return familiarName(reference) + suffix(reference);
}

/** In full: `docker.io/library/node:20`. */
export function canonicalReference(reference: ImageReference): string {
  return `${reference.domain}/${reference.path}${suffix(reference)}`;
}

function suffix({ tag, digest }: ImageReference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}
