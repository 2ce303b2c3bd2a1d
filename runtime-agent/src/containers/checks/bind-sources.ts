import { existsSync } from 'node:fs';
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';

/** `--mount type=bind` makes no directories, unlike `--volume`. Throws EngineError('invalid') in Docker's words. */
export function checkBindSources({ Mounts: mounts }: HostConfig): void {
  for (const { Type, Source = '', BindOptions } of mounts ?? []) {
    if (Type !== 'bind' || !Source.startsWith('/') || BindOptions?.CreateMountpoint || existsSync(Source)) continue;
    const text = `invalid mount config for type "bind": bind source path does not exist: ${Source}`;
    throw new EngineError('invalid', text);
  }
}
