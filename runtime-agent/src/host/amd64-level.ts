/** Which of the levels of x86-64 a processor has (the psABI's "Micro-Architecture Levels"), as `flags` of /proc/cpuinfo names them. */
const LEVELS: readonly (readonly [variant: string, flags: readonly string[]])[] = [
  ['v2', ['cx16', 'lahf_lm', 'popcnt', 'sse4_1', 'sse4_2', 'ssse3']],
  ['v3', ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave']],
  ['v4', ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl']],
];

/** @param cpuinfo text of /proc/cpuinfo. undefined for the first level. */
export function amd64Level(cpuinfo: string): string | undefined {
  const has = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(' '));
  let level: string | undefined;
  for (const [variant, flags] of LEVELS) {
    if (!flags.every((flag) => has.has(flag))) break;
    level = variant;
  }
  return level;
}
