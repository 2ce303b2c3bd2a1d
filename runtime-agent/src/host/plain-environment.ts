/** For programs whose words are read: nothing of the engine's environment but PATH, and no language but C's. */
export const PLAIN_ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
} as const;
