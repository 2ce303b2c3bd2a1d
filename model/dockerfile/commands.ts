/**
 * The meaning of one instruction: its arguments decoded, variables not yet expanded. One member per keyword; field names
 * are the Dockerfile reference's.
 */
export interface Pair {
  /** As written: quotes, escapes and variables are still in it. */
  readonly name: string;
  readonly value: string;
  /** `ENV name value`. */
  readonly legacy: boolean;
}

/** `["a","b"]` or a line for the shell. */
export type CommandLine =
  | { readonly form: 'exec'; readonly argv: readonly string[] }
  | { readonly form: 'shell'; readonly line: string };

/** A file written in the Dockerfile itself. */
export interface InlineFile {
  /** The here-document's name: the file's name when the destination is a folder. */
  readonly name: string;
  readonly content: string;
  readonly expand: boolean;
}

export interface CopyFlags {
  /** Name or number of a stage, or an image. */
  readonly from?: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
}

export interface AddFlags extends CopyFlags {
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  /** Undefined: local archives are unpacked, downloaded ones are not. */
  readonly unpack?: boolean;
}

interface FilesTo {
  readonly sources: readonly string[];
  readonly inline: readonly InlineFile[];
  readonly destination: string;
}

export interface CopyCommand extends FilesTo {
  readonly kind: 'COPY';
  readonly flags: CopyFlags;
}

export interface AddCommand extends FilesTo {
  readonly kind: 'ADD';
  readonly flags: AddFlags;
}

export interface RunCommand {
  readonly kind: 'RUN';
  readonly command: CommandLine;
  /** `written`: with the tabs that `<<-` takes away. */
  readonly inline: readonly (InlineFile & { readonly written: string })[];
  /** Options of `--mount`, as written; read with readMountOption after expansion. */
  readonly mounts: readonly string[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
}

export interface FromCommand {
  readonly kind: 'FROM';
  readonly image: string;
  readonly platform?: string;
  /** Lower case. */
  readonly name?: string;
}

/** Durations in nanoseconds. */
export interface HealthcheckCommand {
  readonly kind: 'HEALTHCHECK';
  /** Undefined: NONE. */
  readonly command: CommandLine | undefined;
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

export type Command =
  | FromCommand
  | RunCommand
  | CopyCommand
  | AddCommand
  | HealthcheckCommand
  | { readonly kind: 'ARG'; readonly args: readonly { readonly name: string; readonly value?: string }[] }
  | { readonly kind: 'ENV' | 'LABEL'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'CMD' | 'ENTRYPOINT'; readonly command: CommandLine }
  | { readonly kind: 'SHELL'; readonly argv: readonly string[] }
  | { readonly kind: 'EXPOSE' | 'VOLUME'; readonly values: readonly string[] }
  | { readonly kind: 'WORKDIR'; readonly value: string }
  | { readonly kind: 'USER' | 'STOPSIGNAL' | 'MAINTAINER'; readonly value: string }
  | { readonly kind: 'ONBUILD'; readonly trigger: string };

export type Keyword = Command['kind'];
