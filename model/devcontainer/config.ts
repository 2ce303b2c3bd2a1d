/** devcontainer.json as the Development Container Specification (containers.dev) describes it, once it has been checked. */

/** A shell line, an argument list, or several of them by name that run side by side. */
export type LifecycleCommand = string | readonly string[] | Readonly<Record<string, string | readonly string[]>>;

export const LIFECYCLE_HOOKS = [
  'initializeCommand',
  'onCreateCommand',
  'updateContentCommand',
  'postCreateCommand',
  'postStartCommand',
  'postAttachCommand',
] as const;
export type LifecycleHook = (typeof LIFECYCLE_HOOKS)[number];

export interface MountSpec {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source?: string;
  readonly target: string;
  readonly readonly?: boolean;
}

export interface BuildConfig {
  readonly dockerfile: string;
  /** Relative to the folder of devcontainer.json; so is dockerfile. */
  readonly context?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly cacheFrom?: string | readonly string[];
  readonly options?: readonly string[];
}

export interface PortAttributes {
  readonly label?: string;
  readonly protocol?: 'http' | 'https';
  readonly onAutoForward?: 'notify' | 'openBrowser' | 'openBrowserOnce' | 'openPreview' | 'silent' | 'ignore';
  readonly requireLocalPort?: boolean;
  readonly elevateIfNeeded?: boolean;
}

export interface DevContainerConfig extends Readonly<Partial<Record<LifecycleHook, LifecycleCommand>>> {
  readonly name?: string;
  readonly image?: string;
  readonly build?: BuildConfig;
  readonly dockerFile?: string;
  readonly context?: string;
  readonly dockerComposeFile?: string | readonly string[];
  readonly features?: Readonly<Record<string, unknown>>;
  readonly workspaceFolder?: string;
  readonly workspaceMount?: string;
  readonly forwardPorts?: readonly (number | string)[];
  readonly portsAttributes?: Readonly<Record<string, PortAttributes>>;
  readonly appPort?: number | string | readonly (number | string)[];
  readonly containerEnv?: Readonly<Record<string, string>>;
  readonly remoteEnv?: Readonly<Record<string, string | null>>;
  readonly containerUser?: string;
  readonly remoteUser?: string;
  readonly updateRemoteUserUID?: boolean;
  readonly userEnvProbe?: 'none' | 'loginShell' | 'loginInteractiveShell' | 'interactiveShell';
  readonly mounts?: readonly (string | MountSpec)[];
  readonly runArgs?: readonly string[];
  readonly init?: boolean;
  readonly privileged?: boolean;
  readonly capAdd?: readonly string[];
  readonly securityOpt?: readonly string[];
  readonly overrideCommand?: boolean;
  readonly shutdownAction?: 'none' | 'stopContainer' | 'stopCompose';
  readonly waitFor?: Exclude<LifecycleHook, 'postAttachCommand'>;
  readonly hostRequirements?: Readonly<Record<string, unknown>>;
  readonly customizations?: Readonly<Record<string, unknown>>;
}
