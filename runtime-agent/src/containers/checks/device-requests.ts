/** `--gpus` and CDI devices: there is no driver for any of them. As in dockerd without one, a container is made but not started. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';

/** As Go prints a slice of slices. */
const shown = (capabilities: readonly (readonly string[])[]): string =>
  `[${capabilities.map((all) => `[${all.join(' ')}]`).join(' ')}]`;

/** Throws EngineError('internal') in dockerd's words. */
export function refuseDeviceRequests({ DeviceRequests: requests }: HostConfig): void {
  const [request] = requests ?? [];
  if (request === undefined) return;
  const { Driver = '', DeviceIDs: ids, Capabilities: capabilities } = request;
  const text =
    Driver === 'cdi'
      ? `CDI device injection failed: unresolvable CDI devices ${(ids ?? []).join(', ')}`
      : `could not select device driver ${JSON.stringify(Driver)} with capabilities: ${shown(capabilities ?? [])}`;
  throw new EngineError('internal', text);
}
