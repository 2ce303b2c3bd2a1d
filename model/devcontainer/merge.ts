/** Configuration from the image's `devcontainer.metadata` label and devcontainer.json, merged (spec: "Merge Logic"). */
import { getNodeValue, parseTree } from 'jsonc-parser';
import { LIFECYCLE_HOOKS, type DevContainerConfig, type LifecycleCommand, type LifecycleHook } from './config.ts';
import { mountOf } from './mounts.ts';
import { PROPERTIES } from './schema.ts';

export const METADATA_LABEL = 'devcontainer.metadata';

export interface MergedConfig extends Omit<DevContainerConfig, LifecycleHook | 'customizations'> {
  /** Of each hook, the image's commands first, in their order. */
  readonly hooks: Readonly<Record<LifecycleHook, readonly LifecycleCommand[]>>;
  /** Programs that Features in the image want started before the container's own. */
  readonly entrypoints: readonly string[];
  /** `customizations.vscode`. */
  readonly extensions: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

export type ImageMetadata = DevContainerConfig & { readonly entrypoint?: string };

/** Entries of the label, oldest first. What is malformed in it is left out: it is not the user's to mend. */
export function readMetadataLabel(label: string | undefined): ImageMetadata[] {
  if (label === undefined) return [];
  const tree = parseTree(label);
  const nodes = tree?.type === 'array' ? (tree.children ?? []) : tree?.type === 'object' ? [tree] : [];
  return nodes.map((node) => {
    const kept: [string, unknown][] = [];
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined) continue;
      const name = String(key.value);
      let fits = name === 'entrypoint' ? value.type === 'string' : Object.hasOwn(PROPERTIES, name);
      if (fits && name !== 'entrypoint') PROPERTIES[name]?.(value, name, () => void (fits = false));
      if (fits) kept.push([name, JSON.parse(JSON.stringify(getNodeValue(value)))]);
    }
    return Object.fromEntries(kept) as ImageMetadata;
  });
}

export function mergeConfig(metadata: readonly ImageMetadata[], config: DevContainerConfig): MergedConfig {
  const all: readonly ImageMetadata[] = [...metadata, config];
  const { customizations: _customizations, ...own } = config;
  const last = <K extends keyof DevContainerConfig>(key: K): Pick<DevContainerConfig, K> =>
    pick(key, all.findLast((one) => one[key] !== undefined)?.[key]);
  const any = (key: 'init' | 'privileged'): Pick<DevContainerConfig, 'init' | 'privileged'> =>
    all.some((one) => one[key] === true) ? { [key]: true } : {};
  const vscode = all.map((one) => vscodeOf(one));
  return {
    ...own,
    ...last('remoteUser'),
    ...last('containerUser'),
    ...last('userEnvProbe'),
    ...last('overrideCommand'),
    ...last('updateRemoteUserUID'),
    ...last('waitFor'),
    ...last('shutdownAction'),
    ...any('init'),
    ...any('privileged'),
    capAdd: union(all.map((one) => one.capAdd)),
    securityOpt: union(all.map((one) => one.securityOpt)),
    forwardPorts: union(all.map((one) => one.forwardPorts)),
    containerEnv: Object.assign({}, ...all.map((one) => one.containerEnv)) as Record<string, string>,
    remoteEnv: Object.assign({}, ...all.map((one) => one.remoteEnv)) as Record<string, string | null>,
    portsAttributes: Object.assign({}, ...all.map((one) => one.portsAttributes)) as Record<string, object>,
    mounts: mergeMounts(all),
    hooks: collectHooks(all),
    entrypoints: all.flatMap((one) => one.entrypoint ?? []),
    extensions: union(vscode.map((one) => one.extensions)),
    settings: Object.assign({}, ...vscode.map((one) => one.settings)) as Record<string, unknown>,
  };
}

function pick<K extends keyof DevContainerConfig>(
  key: K,
  value: DevContainerConfig[K] | undefined,
): Pick<DevContainerConfig, K> {
  return (value === undefined ? {} : { [key]: value }) as Pick<DevContainerConfig, K>;
}

function union<T>(lists: readonly (readonly T[] | undefined)[]): T[] {
  return [...new Set(lists.flatMap((list) => list ?? []))];
}

/** One mount a target: the last wins. Malformed ones stay, to be reported where they are used. */
function mergeMounts(all: readonly ImageMetadata[]): NonNullable<DevContainerConfig['mounts']> {
  const byTarget = new Map<string, NonNullable<DevContainerConfig['mounts']>[number]>();
  for (const mount of all.flatMap((one) => one.mounts ?? [])) {
    let target: string;
    try {
      target = mountOf(mount).Target ?? '';
    } catch {
      target = JSON.stringify(mount);
    }
    byTarget.delete(target);
    byTarget.set(target, mount);
  }
  return [...byTarget.values()];
}

function collectHooks(all: readonly ImageMetadata[]): MergedConfig['hooks'] {
  // not flatMap: an argument list is one command
  const given = (hook: LifecycleHook) => all.map((one) => one[hook]).filter((one) => one !== undefined);
  return Object.fromEntries(LIFECYCLE_HOOKS.map((hook) => [hook, given(hook)])) as unknown as MergedConfig['hooks'];
}

function vscodeOf({ customizations }: DevContainerConfig): { extensions: string[]; settings: Record<string, unknown> } {
  const vscode = customizations?.['vscode'];
  const { extensions, settings } = isObject(vscode) ? vscode : {};
  return {
    extensions: Array.isArray(extensions) ? extensions.filter((one) => typeof one === 'string') : [],
    settings: isObject(settings) ? settings : {},
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
