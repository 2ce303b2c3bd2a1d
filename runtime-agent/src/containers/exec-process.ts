import type { ContainerConfig } from '#model/engine-api/types.ts';
import type { OciProcess } from '#model/oci/runtime-spec.ts';
import type { ContainerContext } from './context.ts';
import type { ExecConfig } from './exec-state.ts';
import { readAccounts } from './accounts.ts';
import { linkEnvironment } from './links.ts';
import type { ContainerRecord } from './record.ts';
import { containerHostname } from './sandbox-request.ts';
import { containerCapabilities } from './spec/capabilities.ts';
import { containerProcess } from './spec/process.ts';
import { securityOptions } from './spec/security-options.ts';
import { resolveUser } from './spec/user.ts';

/** The OCI process of an exec: the container's own surroundings with the exec's command, user and directory. */
export async function execProcess(
  context: ContainerContext,
  record: ContainerRecord,
  exec: ExecConfig,
  consoleSize: readonly number[],
): Promise<OciProcess> {
  const { config, hostConfig } = record;
  const accounts = await readAccounts(`/proc/${record.state.process?.pid ?? 0}/root`);
  const privileged = exec.privileged || (hostConfig.Privileged ?? false);
  const security = securityOptions(hostConfig);
  const merged: ContainerConfig = {
    Cmd: [...exec.command],
    Env: [...linkEnvironment(context, record), ...(config.Env ?? []), ...exec.environment],
    Tty: exec.terminal,
    WorkingDir: exec.workingDir || config.WorkingDir || '/',
  };
  return containerProcess(
    merged,
    { ...hostConfig, ConsoleSize: [...(consoleSize.length > 0 ? consoleSize : (exec.consoleSize ?? []))] },
    {
      user: resolveUser(exec.user || config.User || '', hostConfig.GroupAdd ?? [], accounts),
      hostname: containerHostname(record),
      capabilities: containerCapabilities(
        { add: hostConfig.CapAdd ?? [], drop: hostConfig.CapDrop ?? [], privileged },
        context.facts.capabilities,
      ),
      noNewPrivileges: security.noNewPrivileges,
      apparmor: undefined,
      init: false,
      ceilings: context.facts.ceilings,
    },
  );
}
