/** A container's Config: what the user asked for, completed by what the image says. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerConfig, HealthConfig } from '#model/engine-api/types.ts';
import { cleanPath } from './mount-spec.ts';
import type { OciContainerDefaults, OciHealthcheck } from '#model/oci/image-config.ts';

const variable = (entry: string): string => entry.split('=', 1)[0] ?? '';

function mergeEnv(user: readonly string[], image: readonly string[]): string[] {
  const own = new Set(user.map(variable));
  return [...user, ...image.filter((entry) => !own.has(variable(entry)))];
}

/** Docker fills in the image's values where the user's are zero. */
function mergeHealthcheck(user: HealthConfig | undefined, image: OciHealthcheck | undefined): HealthConfig | undefined {
  if (image === undefined) return user;
  if (user === undefined) return { ...image, Test: [...(image.Test ?? [])] };
  if (user.Test?.[0] === 'NONE') return user;
  const merged: HealthConfig = { ...user };
  if (!user.Test?.length && image.Test) merged.Test = [...image.Test];
  for (const name of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'] as const) {
    const value = user[name] || image[name];
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

type Command = Pick<ContainerConfig, 'Entrypoint' | 'Cmd'>;

/** The user's entrypoint drops the image's command; an entrypoint of one empty string drops the image's entrypoint. */
function mergeCommand(user: ContainerConfig, image: OciContainerDefaults): Command {
  const given = user.Entrypoint ?? [];
  const cmd = given.length === 0 && !user.Cmd?.length ? image.Cmd : user.Cmd;
  const entrypoint = user.Entrypoint ?? image.Entrypoint ?? undefined;
  const cleared = entrypoint?.length === 1 && entrypoint[0] === '';
  const merged: Command = {};
  if (entrypoint && !cleared) merged.Entrypoint = [...entrypoint];
  if (cmd) merged.Cmd = [...cmd];
  return merged;
}

function nonEmpty<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined && v !== '')) as T;
}

/** Throws EngineError('invalid', 'no command specified') when neither says what to run. */
export function mergeConfig(user: ContainerConfig, image: OciContainerDefaults): ContainerConfig {
  const { Entrypoint: _entrypoint, Cmd: _cmd, Healthcheck: _health, ExposedPorts: _p, Volumes: _v, ...rest } = user;
  const command = mergeCommand(user, image);
  if (!command.Entrypoint?.length && !command.Cmd?.length) throw new EngineError('invalid', 'no command specified');
  const health = mergeHealthcheck(user.Healthcheck ?? undefined, image.Healthcheck);
  const ports = { ...image.ExposedPorts, ...user.ExposedPorts };
  const volumes = { ...image.Volumes, ...user.Volumes };
  return {
    ...nonEmpty({ User: image.User, WorkingDir: image.WorkingDir, StopSignal: image.StopSignal }),
    ...nonEmpty({ ...rest, WorkingDir: rest.WorkingDir && cleanPath(rest.WorkingDir) }),
    ...(user.Env || image.Env?.length ? { Env: mergeEnv(user.Env ?? [], image.Env ?? []) } : {}),
    Labels: { ...image.Labels, ...user.Labels },
    ...(Object.keys(ports).length === 0 ? {} : { ExposedPorts: ports }),
    ...(Object.keys(volumes).length === 0 ? {} : { Volumes: volumes }),
    ...command,
    ...(health === undefined ? {} : { Healthcheck: health }),
  } as ContainerConfig;
}
