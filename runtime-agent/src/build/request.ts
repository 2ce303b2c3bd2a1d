/** A build as its callers ask for it, and what they hear while it runs. */
import type { Readable } from 'node:stream';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { RegistryCredentials } from '../images/images.ts';

export type BuildEvent =
  /** Text for people, in the classic builder's form. */
  | { readonly kind: 'text'; readonly text: string }
  /** Progress of a pull: Docker's message as it goes on the wire. */
  | { readonly kind: 'progress'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly kind: 'image'; readonly id: string };

export interface BuildRequest {
  /** The build context as a tar stream, compressed or not. */
  readonly context?: Readable;
  /** In place of it: the address of a Git repository, a Dockerfile or a tar archive. */
  readonly remote?: string;
  /** Path in the context; default `Dockerfile`. */
  readonly dockerfile?: string;
  readonly tags?: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Name or number of a stage; default: the last one. */
  readonly target?: string;
  readonly platform?: string;
  readonly ignoreCache?: boolean;
  /** Asks the registry for newer base images. */
  readonly pull?: boolean;
  /** `default`, `bridge`, `none`, `host`, `container:ID` or a network, for RUN. */
  readonly networkMode?: string;
  /** Limits and options for the containers of RUN: memory, cpus, ulimits, shm size, extra hosts. */
  readonly hostConfig?: HostConfig;
  /** By registry, as in Docker's X-Registry-Config. */
  readonly credentials?: Readonly<Record<string, RegistryCredentials>>;
  readonly onEvent?: (event: BuildEvent) => void;
  /** Ends the build; nothing of it stays. */
  readonly signal: AbortSignal;
}

export interface BuildResult {
  /** `sha256:…`. */
  readonly imageId: string;
  /** Build arguments that no ARG asked for. */
  readonly unusedArguments: readonly string[];
}
