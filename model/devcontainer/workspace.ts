/** Where a workspace is in the container, and how it gets there. */
import type { Mount } from '../engine-api/types.ts';
import type { DevContainerConfig } from './config.ts';
import { mountOf } from './mounts.ts';
import { baseName, expandLocal, type VariableContext } from './variables.ts';

export interface WorkspacePlan {
  /** In the container; where the editor opens and hooks run. */
  readonly folder: string;
  /** undefined for `"workspaceMount": ""`: the configuration mounts it itself, or not at all. */
  readonly mount: Mount | undefined;
}

/**
 * @param hostFolder the folder on the engine's host: the local one, or its synced copy
 * Throws EngineError('invalid') for a malformed workspaceMount.
 */
export function workspacePlan(config: DevContainerConfig, hostFolder: string, context: VariableContext): WorkspacePlan {
  const standard = `/workspaces/${baseName(context.localWorkspaceFolder)}`;
  const folder = expandLocal(config.workspaceFolder ?? standard, { ...context, containerWorkspaceFolder: standard });
  if (config.workspaceMount === '') return { folder, mount: undefined };
  if (config.workspaceMount === undefined) {
    return { folder, mount: { Type: 'bind', Source: hostFolder, Target: folder } };
  }
  const host = { ...context, localWorkspaceFolder: hostFolder, containerWorkspaceFolder: folder };
  return { folder, mount: mountOf(expandLocal(config.workspaceMount, host)) };
}

/** What is mounted from the workspace means the host's copy of it; everything else means the local folder. */
export function expandConfig(
  config: DevContainerConfig,
  hostFolder: string,
  context: VariableContext,
): DevContainerConfig {
  const host = { ...context, localWorkspaceFolder: hostFolder };
  return {
    ...expandLocal(config, context),
    ...(config.mounts === undefined ? {} : { mounts: expandLocal(config.mounts, host) }),
    ...(config.runArgs === undefined ? {} : { runArgs: expandLocal(config.runArgs, host) }),
  };
}
