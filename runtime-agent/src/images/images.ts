/** What the rest of the engine may ask of the image store. */
import type { OciImageConfig } from '#model/oci/image-config.ts';
import type { RegistryCredentials } from '../registry/credentials.ts';

export type { RegistryCredentials };

export interface Image {
  /** Digest of the image configuration, `sha256:…`: Docker's image id. */
  readonly id: string;
  readonly config: OciImageConfig;
  /** Chain ids of the layers (OCI image-spec), bottom first; the last one names the whole root file system. */
  readonly chainIds: readonly string[];
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Unpacked bytes. */
  readonly size: number;
  /** Id of the image that it was made from here; not known of pulled ones. */
  readonly parent?: string;
  /** RFC 3339; when the image was last tagged here. */
  readonly lastTagTime?: string;
}

export interface NewImage {
  readonly config: OciImageConfig;
  /** One per diff id of the configuration, bottom first; already in the snapshot store. */
  readonly chainIds: readonly string[];
  readonly tags?: readonly string[];
  /** Id of the image that it was made from, where that is worth showing (`docker history` of commits and builds). */
  readonly parent?: string;
}

export interface PullProgress {
  /** Docker's progress message as it goes on the wire: `{status, id, progressDetail}`. */
  (message: Readonly<Record<string, unknown>>): void;
}

export interface PullRequest {
  /** Image reference as the user wrote it: `node:20-slim`, `host:5000/a/b@sha256:…`. */
  readonly reference: string;
  readonly platform?: string;
  readonly credentials?: RegistryCredentials;
  readonly progress?: PullProgress;
  readonly signal?: AbortSignal;
}

export interface Images {
  /** By id, unambiguous id prefix, tag or digest. Throws EngineError('not-found', 'No such image: …'). */
  resolve(nameOrId: string): Image;
  /** Like resolve, undefined instead of the error. */
  find(nameOrId: string): Image | undefined;
  list(): readonly Image[];
  pull(request: PullRequest): Promise<Image>;
  /** Stores a new image made by commit or build; tagged, when tags are given. Publishes the events. */
  add(image: NewImage): Promise<Image>;
  tag(nameOrId: string, repository: string, tag: string): void;
  /** Keeps layers from being swept while work goes on that no image, container or cache record names yet. */
  hold(chainIds: readonly string[]): Disposable;
}
