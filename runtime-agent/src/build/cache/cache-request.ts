/** Where a build's cache comes from and goes to beside the engine's own, as its callers ask for it. */

export type CacheImport =
  /** An image that is here, and remembers how it was built. */
  | { readonly type: 'image'; readonly reference: string }
  /** A cache, or an image that remembers how it was built, in a registry. */
  | { readonly type: 'registry'; readonly reference: string }
  /** An OCI layout that the client has, under its name for it. */
  | { readonly type: 'client'; readonly name: string; readonly tag: string; readonly digest?: string };

export type CacheExport =
  /** Into the image itself. */
  | { readonly type: 'inline' }
  | ({ readonly type: 'registry'; readonly reference: string } & CacheExportOptions)
  /** An OCI layout, as a tar archive, for the client. */
  | ({ readonly type: 'client'; readonly name: string; readonly tag: string } & CacheExportOptions);

export interface CacheExportOptions {
  /** Layers of the image only, or of every step. */
  readonly mode: 'min' | 'max';
  /** An image manifest, not an index of everything. */
  readonly asImage: boolean;
  /** OCI's media types, not Docker's. */
  readonly oci: boolean;
  /** A failure is told, and the build has not failed. */
  readonly ignoreError: boolean;
}
