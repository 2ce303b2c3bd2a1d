/** An OCI layout (image-spec image-layout.md) that the client has: read file by file, as its parts are needed. */
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { type Descriptor, type Manifest, parseManifest } from '#model/oci/manifest.ts';
import { readBody } from '../../registry/transport.ts';
import type { BuildClient } from '../build-client.ts';

export interface LayoutReference {
  /** The client's name for the folder. */
  readonly name: string;
  readonly tag: string;
  readonly digest?: string | undefined;
}

export interface ClientLayout {
  /** What the reference means. */
  readonly top: Manifest;
  manifest(digest: string): Promise<Manifest>;
  /** A small blob, whole. */
  blob(descriptor: Pick<Descriptor, 'digest'>): Promise<Buffer>;
  open(digest: string): Promise<Readable>;
}

const DOCUMENT_LIMIT = 64 * 1024 * 1024;
const REF_NAME = 'org.opencontainers.image.ref.name';

/** Throws EngineError: 'invalid' without a client, 'not-found' when the layout has nothing of that name. */
export async function openClientLayout(
  client: BuildClient | undefined,
  { name, tag, digest }: LayoutReference,
): Promise<ClientLayout> {
  if (client === undefined) throw new EngineError('invalid', `nobody can send the OCI layout ${name}`);
  const open = (blob: string): Promise<Readable> => client.file(name, `blobs/${blob.replace(':', '/')}`);
  const manifest = async (one: string): Promise<Manifest> =>
    parseManifest((await readBody(await open(one), DOCUMENT_LIMIT)).toString());
  const index = async (): Promise<Manifest> =>
    parseManifest((await readBody(await client.file(name, 'index.json'), DOCUMENT_LIMIT)).toString());
  return {
    top: await manifest(digest ?? taggedIn(await index(), tag)),
    manifest,
    blob: async (descriptor) => readBody(await open(descriptor.digest), DOCUMENT_LIMIT),
    open,
  };
}

function taggedIn(manifest: Manifest, tag: string): string {
  const all = manifest.kind === 'index' ? manifest.manifests : [];
  const found =
    all.find(({ annotations }) => annotations?.[REF_NAME] === tag) ?? (all.length === 1 ? all[0] : undefined);
  if (found === undefined) throw new EngineError('not-found', `index.json has nothing with the tag ${tag}`);
  return found.digest;
}
