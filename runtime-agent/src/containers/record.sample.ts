/** A container record for tests: `sleep 100` of an image, not started. */
import { type ContainerRecord, type ContainerState, NEVER } from './record.ts';

export function sampleRecord(state: Partial<ContainerState>, rest: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    id: 'a'.repeat(64),
    name: 'sample',
    created: '2026-01-01T00:00:00.000Z',
    image: `sha256:${'1'.repeat(64)}`,
    chainIds: [],
    diffIds: [],
    platform: { os: 'linux', architecture: 'amd64' },
    config: { Image: 'busybox', Cmd: ['sleep', '100'], Env: ['PATH=/bin'] },
    hostConfig: { NetworkMode: 'none' },
    endpoints: { none: {} },
    mounts: [],
    state: {
      status: 'created',
      exitCode: 0,
      error: '',
      oomKilled: false,
      startedAt: NEVER,
      finishedAt: NEVER,
      manuallyStopped: false,
      ...state,
    },
    restartCount: 0,
    ...rest,
  };
}
