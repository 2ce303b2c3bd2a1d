import type { LoggedContainer } from './log-sink.ts';

/** A container for tests of log drivers. */
export function sampleLogged(options: Readonly<Record<string, string>> = {}): LoggedContainer {
  return {
    id: 'a2dcb6f7a5f9da56a110989742bc26e50ca2e70fa9d6bcb1f289669faa517d7c',
    name: 'web',
    created: '2026-11-28T20:16:34.666Z',
    imageId: 'sha256:95f7e2312dfbce35f22a55cb3d8e06b1b881a1a868c198cbfd752a16b1f31998',
    imageName: 'busybox',
    command: ['sh', '-c', 'echo hi'],
    environment: ['FOO=bar', 'OTHER=x=y', 'BARE'],
    labels: { 'com.x': 'lbl', plain: 'p' },
    options,
  };
}
