/** A build as its callers ask for it, and what they hear while it runs. */
import type { Readable } from 'node:stream';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { BuildWarning } from '#model/rules/build-warnings.ts';
import type { CacheExport, CacheImport } from './cache/cache-request.ts';
import type { BuildSources } from './build-sources.ts';
import type { BuildClient } from './build-client.ts';
import type { Image, NewImage, RegistryCredentials } from '../images/images.ts';
import type { ClientFiles } from './client-files.ts';
import type { Watch } from './watch.ts';

export type BuildEvent =
  /** Text for people, in the classic builder's form. */
  | { readonly kind: 'text'; readonly text: string }
  /** Progress of a pull: Docker's message as it goes on the wire. */
  | { readonly kind: 'progress'; readonly message: Readonly<Record<string, unknown>> }
  /** Of BuildKit's checks. */
  | { readonly kind: 'warning'; readonly warning: BuildWarning }
  | { readonly kind: 'image'; readonly id: string };

export interface BuildRequest {
  /** The build context as a tar stream, compressed or not. */
  readonly context?: Readable;
  /** In place of it: the address of a Git repository, a Dockerfile or a tar archive. */
  readonly remote?: string;
  /** In place of both: a client that shows what it is asked for. */
  readonly files?: ClientFiles;
  /** Who has the Dockerfile of a context that is elsewhere. */
  readonly dockerfileFrom?: Pick<ClientFiles, 'dockerfile'>;
  /** Path in the context; default `Dockerfile`. */
  readonly dockerfile?: string;
  readonly tags?: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Names given with `--build-arg` that have no value where the client runs. */
  readonly unsetArguments?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Name of a stage; default: the last one. */
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
  /** Asks for the login of a registry that `credentials` does not name. */
  readonly login?: (registry: string) => Promise<RegistryCredentials | undefined>;
  /** Who has the secrets, SSH agents and contexts, and takes the outputs; without it there are none. */
  readonly client?: BuildClient;
  /** `RUN --security=insecure` may have all rights over this machine. */
  readonly allowInsecure?: boolean;
  /** RUN may use the network of this machine. Default: true. */
  readonly allowHostNetwork?: boolean;
  /** Ids of the secrets that the client has; 'ask' when only it knows. */
  readonly secrets?: readonly string[] | 'ask';
  /** Ids of the SSH agents that the client forwards; 'ask' when only it knows. */
  readonly agents?: readonly string[] | 'ask';
  /** Named contexts: `client` for one that the client sends, `docker-image://REFERENCE`, or the address of a remote one. */
  readonly contexts?: Readonly<Record<string, string>>;
  /** Images that are in no store, by the references that `contexts` has for them. */
  readonly given?: Readonly<Record<string, Image>>;
  /** Names or numbers of stages that are built anew. */
  readonly ignoreCacheOf?: readonly string[];
  /** Where what earlier builds did is known from, beside the engine's own cache. */
  readonly cacheFrom?: readonly CacheImport[];
  /** What this build does is handed on to. */
  readonly cacheTo?: readonly CacheExport[];
  /** What the client gets, by its name for it. */
  readonly outputs?: readonly BuildOutput[];
  /** Files of the image's new layers are not younger than SOURCE_DATE_EPOCH. */
  readonly rewriteTimes?: boolean;
  /**
   * What the classic builder does otherwise than BuildKit: an image without a layer of its own is made now, not when its base
   * was; `# syntax` is a comment; the container of a RUN has a name and files in /etc of its own.
   */
  readonly asClassic?: boolean;
  /** Containers of RUN that stay when they have ended. Default: none. */
  readonly keepContainers?: 'all' | 'failed';
  /** The layers that the last stage made become one. */
  readonly squash?: boolean;
  /** The image is not kept when only its files were asked for. Default: true. */
  readonly keepImage?: boolean;
  readonly onEvent?: (event: BuildEvent) => void;
  readonly watch?: Watch;
  /** Ends the build; nothing of it stays. */
  readonly signal: AbortSignal;
}

export interface BuildOutput {
  readonly name: string;
  /** The files as a tar archive, or the image as `docker save` gives it (also an OCI layout). */
  readonly kind: 'files' | 'image';
}

export interface BuildResult {
  /** `sha256:…`; empty when no image was kept. */
  readonly imageId: string;
  /** What was built, kept or not; its layers stay as long as the build cache knows them. */
  readonly made: Pick<NewImage, 'config' | 'chainIds'>;
  readonly sources: BuildSources;
  /** Build arguments that no ARG asked for. */
  readonly unusedArguments: readonly string[];
}
