/** Config, before it meets the image's. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerConfig, HealthConfig } from '#model/engine-api/types.ts';
import { signalNumber } from '../../host/signals.ts';

const invalid = (message: string): EngineError => new EngineError('invalid', message);
const NANO_PER_MS = 1e6;

function checkHealthcheck(health: HealthConfig): void {
  const durations = ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const;
  for (const name of durations) {
    const value = health[name] ?? 0;
    if (value !== 0 && value < NANO_PER_MS) throw invalid(`${name} in Healthcheck cannot be less than 1ms`);
  }
  if ((health.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative');
}

/** Docker takes any name; the engine writes it into /etc/hosts, so it must stay one line. */
function checkHostname(name: string): void {
  if (/[\n\0]/.test(name)) throw invalid(`invalid hostname format: ${name}`);
}

export function checkConfig(config: ContainerConfig): void {
  const directory = config.WorkingDir ?? '';
  if (directory !== '' && !directory.startsWith('/')) {
    throw invalid(`the working directory '${directory}' is invalid, it needs to be an absolute path`);
  }
  for (const entry of config.Env ?? []) {
    if (entry === '' || entry.startsWith('=')) throw invalid(`invalid environment variable: ${entry}`);
    if (entry.includes('\0')) throw invalid('invalid environment variable: it holds a NUL byte');
  }
  for (const word of [...(config.Cmd ?? []), ...(config.Entrypoint ?? [])]) {
    if (word.includes('\0')) throw invalid('invalid command: it holds a NUL byte');
  }
  if (config.StopSignal) signalNumber(config.StopSignal);
  if (config.Healthcheck) checkHealthcheck(config.Healthcheck);
  if (config.Hostname) checkHostname(config.Hostname);
}
