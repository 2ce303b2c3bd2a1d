import type { FileTree } from '../files/file-tree.ts';
import type { SelectedSource } from '../files/select-sources.ts';

/** Files that a COPY or ADD takes from one place. */
export interface CopyGroup {
  readonly tree: FileTree;
  readonly sources: readonly SelectedSource[];
  /** Archives among them are unpacked. */
  readonly unpack: boolean;
}
