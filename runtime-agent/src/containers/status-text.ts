/** What `docker ps` shows under STATUS: `Up 3 minutes (healthy)`, `Exited (0) 2 hours ago`. */
import type { Container } from './container.ts';

/** go-units' HumanDuration. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(ms / 3_600_000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.floor(hours / 24);
  if (hours < 24 * 7 * 2) return `${days} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(days / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(days / 30)} months`;
  return `${Math.floor(days / 365)} years`;
}

function upText(container: Container, now: number): string {
  const { state } = container.record;
  const up = `Up ${humanDuration(now - Date.parse(state.startedAt))}`;
  if (state.status === 'paused') return `${up} (Paused)`;
  const health = container.health?.status;
  if (health === undefined) return up;
  return `${up} (${health === 'starting' ? 'health: starting' : health})`;
}

export function statusText(container: Container, now: number = Date.now()): string {
  const { state } = container.record;
  const ended = (): string => humanDuration(now - Date.parse(state.finishedAt));
  switch (state.status) {
    case 'running':
    case 'paused':
      return upText(container, now);
    case 'restarting':
      return `Restarting (${state.exitCode}) ${ended()} ago`;
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
    case 'created':
      return 'Created';
    case 'exited':
      return `Exited (${state.exitCode}) ${ended()} ago`;
  }
}
