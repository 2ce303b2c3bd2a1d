/** What the health checks of a running container have found. Kept in memory: a restarted engine begins anew. */

export interface ProbeResult {
  readonly start: string;
  readonly end: string;
  /** -1 when the test took too long or could not run. */
  readonly exitCode: number;
  readonly output: string;
}

export interface HealthMonitor {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failingStreak: number;
  /** The last results, oldest first. */
  readonly log: readonly ProbeResult[];
  stop(): void;
}
