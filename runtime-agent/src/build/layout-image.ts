/** A base image from an OCI layout that the client has: its layers come here, the image itself is not kept. */
import { EngineError } from '#model/engine-api/errors.ts';
import { chainIds } from '#model/oci/chain-id.ts';
import { parseImageConfig } from '#model/oci/image-config-parse.ts';
import type { ImageManifest, Manifest } from '#model/oci/manifest.ts';
import { choosePlatform, formatPlatform, type Platform } from '#model/oci/platform.ts';
import type { Host } from '../host/host.ts';
import type { Image } from '../images/images.ts';
import { sha256 } from '../images/sha256.ts';
import { decompressed } from '../snapshots/decompress.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type { BuildClient } from './build-client.ts';
import { type ClientLayout, type LayoutReference, openClientLayout } from './context/client-layout.ts';

export const LAYOUT = 'oci-layout://';

export interface LayoutImageTools {
  readonly client: BuildClient | undefined;
  readonly host: Host;
  readonly snapshots: Pick<SnapshotStore, 'apply' | 'adopt'>;
  readonly platform: Platform;
  /** Keeps layers until the build has ended. */
  readonly hold: (chainIds: readonly string[]) => void;
}

/** @param reference `oci-layout://NAME[:TAG][@DIGEST]`. Throws EngineError */
export async function layoutImage(reference: string, tools: LayoutImageTools): Promise<Image> {
  const layout = await openClientLayout(tools.client, readReference(reference));
  const manifest = await imageManifest(layout, layout.top, tools.platform);
  const config = parseImageConfig((await layout.blob(manifest.config)).toString());
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length)
    throw new EngineError('invalid', "layers from manifest don't match image configuration");
  const chain = chainIds(diffIds, sha256);
  tools.hold(chain);
  for (const [i, { digest }] of manifest.layers.entries()) {
    const [parent, diffId] = [chain[i - 1], diffIds[i] ?? ''];
    if (tools.snapshots.adopt(parent, diffId) !== undefined) continue;
    const tar = await decompressed(await layout.open(digest), tools.host);
    await tools.snapshots.apply(parent, tar, { diffId });
  }
  return { id: manifest.config.digest, config, chainIds: chain, repoTags: [], repoDigests: [], size: 0 };
}

async function imageManifest(layout: ClientLayout, manifest: Manifest, platform: Platform): Promise<ImageManifest> {
  if (manifest.kind === 'image') return manifest;
  const { manifests } = manifest;
  const entry = choosePlatform(manifests, platform) ?? (manifests.length === 1 ? manifests[0] : undefined);
  const found = entry === undefined ? undefined : await layout.manifest(entry.digest);
  if (found?.kind === 'image') return found;
  throw new EngineError('not-found', `the OCI layout has no image for ${formatPlatform(platform)}`);
}

function readReference(reference: string): LayoutReference {
  const [rest = '', digest] = reference.slice(LAYOUT.length).split('@', 2);
  const [name = '', tag = 'latest'] = rest.split(':', 2);
  return { name, tag, digest };
}
