/** Bits of Go's os.FileMode above the permissions: how BuildKit's messages say what a file is. */
export const GO_MODE = {
  directory: 1 << 31,
  symlink: 1 << 27,
  device: 1 << 26,
  pipe: 1 << 25,
  socket: 1 << 24,
  setuid: 1 << 23,
  setgid: 1 << 22,
  character: 1 << 21,
  sticky: 1 << 20,
} as const;
