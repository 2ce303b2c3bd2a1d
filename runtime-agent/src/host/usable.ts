import { EngineError } from '#model/engine-api/errors.ts';
import { installCommand } from '#model/host/tools.ts';
import { hostFamily, missingTools } from './tools.ts';

/** Throws EngineError when the engine cannot work on this host, and says what to do. */
export function refuseUnusableHost(): void {
  if (process.getuid?.() !== 0) {
    throw new EngineError('forbidden', 'the engine needs root: start it with sudo (rootless mode is not there yet)');
  }
  const missing = missingTools();
  if (missing.length === 0) return;
  const names = missing.map((tool) => tool.program).join(', ');
  const command = installCommand(missing, hostFamily());
  const how = command === undefined ? "install them with this system's package manager" : `install with: ${command}`;
  throw new EngineError('unavailable', `this host lacks ${names}; ${how}`);
}
