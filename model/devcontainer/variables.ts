/** `${…}` in devcontainer.json (specification, "Variables in devcontainer.json"). */

export interface VariableContext {
  readonly localWorkspaceFolder: string;
  readonly containerWorkspaceFolder: string;
  readonly localEnv: (name: string) => string | undefined;
  readonly devcontainerId: string;
}

const VARIABLE = /\$\{([^{}]*)\}/g;

/** Replaces what can be known before the container runs; `${containerEnv:…}` and unknown variables stay as they are. */
export function expandLocal<T>(value: T, context: VariableContext): T {
  return mapStrings(value, (text) =>
    text.replaceAll(VARIABLE, (whole, inside: string) => local(inside, context) ?? whole),
  );
}

/** Replaces `${containerEnv:NAME}` and `${containerEnv:NAME:default}` by the container's environment. */
export function expandContainer<T>(value: T, env: Readonly<Record<string, string>>): T {
  return mapStrings(value, (text) =>
    text.replaceAll(VARIABLE, (whole, inside: string) => {
      const [kind, name, ...fallback] = inside.split(':');
      return kind === 'containerEnv' && name ? (env[name] ?? fallback.join(':')) : whole;
    }),
  );
}

function local(inside: string, context: VariableContext): string | undefined {
  const [kind, name, ...fallback] = inside.split(':');
  switch (kind) {
    case 'env':
    case 'localEnv':
      return name ? (context.localEnv(name) ?? fallback.join(':')) : undefined;
    case 'localWorkspaceFolder':
      return context.localWorkspaceFolder;
    case 'localWorkspaceFolderBasename':
      return baseName(context.localWorkspaceFolder);
    case 'containerWorkspaceFolder':
      return context.containerWorkspaceFolder;
    case 'containerWorkspaceFolderBasename':
      return baseName(context.containerWorkspaceFolder);
    case 'devcontainerId':
      return context.devcontainerId;
    default:
      return undefined;
  }
}

/** The last part of a POSIX or Windows path. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? '';
}

function mapStrings<T>(value: T, change: (text: string) => string): T {
  const visit = (one: unknown): unknown => {
    if (typeof one === 'string') return change(one);
    if (Array.isArray(one)) return one.map(visit);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(value) as T;
}
