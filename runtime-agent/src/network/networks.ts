import type {
  EndpointSettings,
  NetworkCreateRequest,
  NetworkInspect,
  NetworkSettings,
  PortBinding,
} from '#model/engine-api/types.ts';

/** What a container wants of the network, from its Config, HostConfig and NetworkingConfig. */
export interface SandboxRequest {
  readonly containerId: string;
  /** Without the leading slash. */
  readonly containerName: string;
  readonly hostname: string;
  readonly domainname: string;
  /** HostConfig.NetworkMode, normalised: `default` is `bridge`; `host`, `none`, `container:<full id>` or a network. */
  readonly mode: string;
  /** Networks to join with their wishes (addresses, aliases, links), by name or id; kept over restarts. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  readonly exposedPorts: readonly string[];
  readonly portBindings: Readonly<Record<string, readonly PortBinding[] | null>>;
  readonly publishAllPorts: boolean;
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** `name:address` pairs of `--add-host`; `host-gateway` is resolved here. */
  readonly extraHosts: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  /**
   * Who owns the network namespace: a user namespace of its own by default, where containers' users are remapped;
   * `host`: the host's; else one that is there, by its path.
   */
  readonly userNamespace?: string;
}

export interface Sandbox {
  /** Path for the OCI runtime's network namespace; undefined with the host's network. */
  readonly netnsPath: string | undefined;
  /** Of the user namespace that owns it, which the container is to join; undefined when that is the host's. */
  readonly userNamespacePath: string | undefined;
  /** For inspect: `Networks` with addresses, `Ports` with what was really bound, `SandboxKey` and so on. */
  readonly settings: NetworkSettings;
  /** Contents of the files to mount over /etc/hosts and /etc/resolv.conf. */
  readonly hosts: string;
  readonly resolvConf: string;
}

export interface Networks {
  create(request: NetworkCreateRequest): Promise<{ readonly Id: string; readonly Warning: string }>;
  /** By name, id or unambiguous id prefix. Throws EngineError('not-found', 'network NAME not found'). */
  inspect(nameOrId: string): NetworkInspect;
  list(): readonly NetworkInspect[];
  remove(nameOrId: string): Promise<void>;
  /** Checks that the request can be met at all (names, addresses, modes) when a container is created. */
  check(request: SandboxRequest): void;
  /** Makes namespace, endpoints, firewall entries and names when a container starts; all of it or nothing. */
  open(request: SandboxRequest): Promise<Sandbox>;
  /** Undoes `open`; no error when there is nothing. */
  close(containerId: string): Promise<void>;
  /** While the container runs. Publishes the event. */
  connect(nameOrId: string, containerId: string, endpoint: EndpointSettings): Promise<NetworkSettings>;
  disconnect(nameOrId: string, containerId: string): Promise<NetworkSettings>;
  /** Whether a container, running or not, may be connected; throws EngineError in Docker's words. */
  checkConnect(nameOrId: string, request: SandboxRequest, endpoint: EndpointSettings): void;
  /** The files' present contents, which `connect`, `disconnect` and `rename` change; undefined when it is not open. */
  files(containerId: string): Promise<Pick<Sandbox, 'hosts' | 'resolvConf'> | undefined>;
  rename(containerId: string, name: string): void;
  /** After a restart of the engine: takes the sandboxes of running containers over again, removes all others. */
  restore(running: readonly { readonly request: SandboxRequest; readonly settings: NetworkSettings }[]): Promise<void>;
  /** Runs when the engine ends; containers and their networks live on. */
  [Symbol.asyncDispose](): Promise<void>;
}
