/** What steps do to the file system: a Dockerfile's instructions with everything expanded and resolved. */
import type { InstructionMount } from '#model/dockerfile/mount-option.ts';
import type { Span } from '#model/text/span.ts';
import type { OciContainerDefaults } from '#model/oci/image-config.ts';

export type FilesFrom =
  | { readonly kind: 'context' }
  | { readonly kind: 'stage'; readonly index: number }
  /** A context that the request names. */
  | { readonly kind: 'named'; readonly name: string }
  /** `reference` as written; `context`: the name that the request gives it for. */
  | { readonly kind: 'image'; readonly reference: string; readonly context?: string }
  /** Nothing at all. */
  | { readonly kind: 'scratch' };

export interface WrittenFile {
  readonly name: string;
  readonly content: string;
}

export interface CopyWork {
  readonly kind: 'copy';
  readonly keyword: 'COPY' | 'ADD';
  readonly from: FilesFrom;
  /** Paths and wildcards, from the root of `from`. */
  readonly sources: readonly string[];
  /** Of ADD: http(s) addresses, and Git repositories. */
  readonly remotes: readonly string[];
  readonly inline: readonly WrittenFile[];
  /** Absolute; a slash at its end makes it a folder. */
  readonly destination: string;
  readonly chown: string | undefined;
  readonly chmod: string | undefined;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
  readonly checksum: string | undefined;
  readonly keepGitDir: boolean;
  /** Undefined: local archives are unpacked, downloaded ones are not. */
  readonly unpack: boolean | undefined;
}

export type WorkMount = InstructionMount & { readonly files: FilesFrom };

export interface RunWork {
  readonly kind: 'run';
  readonly argv: readonly string[];
  /** ENV and declared ARGs; part of what the step is. */
  readonly env: readonly string[];
  /** Proxies, which change nothing about the result. */
  readonly proxies: readonly string[];
  readonly user: string;
  readonly workdir: string;
  /** Targets are absolute. */
  readonly mounts: readonly WorkMount[];
  /** A here-document with a `#!` line, run as a file. */
  readonly script: WrittenFile | undefined;
  readonly network: 'default' | 'none' | 'host';
  readonly insecure: boolean;
}

export type StepWork =
  | { readonly kind: 'none' }
  /** WORKDIR: made if it is not there. */
  | { readonly kind: 'directory'; readonly path: string; readonly user: string }
  | CopyWork
  | RunWork;

export interface PlannedStep {
  /** As written, for people. */
  readonly original: string;
  /** The same with its variables in place. */
  readonly shown: string;
  /** Where in the Dockerfile, if it stands there. */
  readonly span: Span | undefined;
  /** From the base image's ONBUILD. */
  readonly isTrigger: boolean;
  /** Brings what FROM means, and stands nowhere by itself. */
  readonly isBase?: true;
  readonly createdBy: string;
  /** The image's configuration after this step. */
  readonly config: OciContainerDefaults;
  readonly author: string | undefined;
  readonly work: StepWork;
}

export type StageBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly index: number }
  /** The files of a named context. */
  | { readonly kind: 'folder'; readonly name: string }
  /** `reference` as written; `image` is its key among those that were loaded, which tells platforms apart. */
  | { readonly kind: 'image'; readonly reference: string; readonly image: string; readonly context?: string };

export interface PlannedStage {
  readonly index: number;
  readonly name: string | undefined;
  readonly base: StageBase;
  /** The FROM instruction as written. */
  readonly original: string;
  readonly steps: readonly PlannedStep[];
  /** The image's configuration after its last step. */
  readonly config: OciContainerDefaults;
  readonly author: string | undefined;
}
