/** How files of containers are addressed in the editor: `slipway-files://CONTAINER/path`. Pure. */

export const FILES_SCHEME = 'slipway-files';

/** A row of the *Files* view. */
export interface FileNode {
  readonly file: 'file' | 'folder' | 'other';
  readonly container: string;
  /** Absolute, in the container. */
  readonly path: string;
}

/** Commands get whatever was clicked. */
export function asFileNode(target: unknown): FileNode | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  return 'file' in target && 'container' in target && 'path' in target ? (target as FileNode) : undefined;
}
