/** Platforms `os/arch[/variant]`, normalised and matched as containerd does (OCI image-index "platform"). */
import { EngineError } from '../engine-api/errors.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const ARCHITECTURES: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  i386: ['386'],
  x86: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};
const SYSTEMS = new Set(['linux', 'windows', 'darwin', 'freebsd', 'macos']);

/** One spelling per platform: `x86_64` is amd64, `arm64/v8` is arm64, `arm` is arm/v7. */
export function normalisePlatform({ os, architecture, variant }: Platform): Platform {
  const lower = architecture.toLowerCase();
  const [arch, implied] = ARCHITECTURES[lower] ?? [lower];
  let wanted = (variant || implied || '').toLowerCase();
  if (arch === 'arm' && wanted === '') wanted = 'v7';
  if (/^\d+$/.test(wanted) && arch.startsWith('arm')) wanted = `v${wanted}`;
  if ((arch === 'arm64' && wanted === 'v8') || (arch === 'amd64' && wanted === 'v1')) wanted = '';
  const system = os.toLowerCase() === 'macos' ? 'darwin' : os.toLowerCase();
  return { os: system, architecture: arch, ...(wanted === '' ? {} : { variant: wanted }) };
}

/** containerd's patterns; the messages quote them. */
const COMPONENT = '^[A-Za-z0-9_.-]+$';
const SYSTEM = '^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$';

/** @param before what stands before the quoted text, `after` what behind */
function invalid(text: string, after: string, before = ''): EngineError {
  return new EngineError('invalid', `${before}${JSON.stringify(text)}: ${after}: invalid argument`);
}

/** The name of the system: `windows(10.0.17763)` has its version behind it. */
function systemOf(part: string, text: string): string {
  const [, name] = new RegExp(SYSTEM).exec(part) ?? [];
  if (name !== undefined) return name;
  const rule = `OSAndVersion specifier component must match ${JSON.stringify(SYSTEM)}`;
  throw invalid(text, rule, `${JSON.stringify(part)} is an invalid OS component of `);
}

/**
 * `linux/arm64/v8`, or one part alone (`linux`, `arm64`), the rest from `host`.
 * Throws EngineError('invalid') in Docker's words.
 */
export function parsePlatform(text: string, host: Platform): Platform {
  if (text.includes('*')) throw invalid(text, 'wildcards not yet supported');
  const [system = '', second, third, ...more] = text.split('/');
  const first = systemOf(system, text);
  const wrong = [second, third].find((part) => part !== undefined && !new RegExp(COMPONENT).test(part));
  if (wrong !== undefined) {
    const rule = `platform specifier component must match ${JSON.stringify(COMPONENT)}`;
    throw invalid(text, rule, `${JSON.stringify(wrong)} is an invalid component of `);
  }
  if (more.length > 0) throw invalid(text, 'cannot parse platform specifier');
  if (second !== undefined) {
    return normalisePlatform({ os: first, architecture: second, ...(third === undefined ? {} : { variant: third }) });
  }
  if (SYSTEMS.has(first.toLowerCase())) return normalisePlatform({ ...host, os: first });
  const known = ARCHITECTURES[first.toLowerCase()] !== undefined || KNOWN_ARCHITECTURES.has(first.toLowerCase());
  if (!known) throw invalid(text, 'unknown operating system or architecture');
  return normalisePlatform({ os: host.os, architecture: first });
}

const KNOWN_ARCHITECTURES = new Set(
  '386 amd64 arm arm64 ppc64 ppc64le mips mipsle mips64 mips64le riscv64 s390x loong64 wasm'.split(' '),
);

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/** The platforms that run on `wanted`, the best first: arm/v7 runs v6 and v5, arm64 runs arm, amd64 runs 386. */
function runnable(wanted: Platform): Platform[] {
  const { os, architecture, variant } = wanted;
  const arm = (newest: number): Platform[] =>
    [8, 7, 6, 5].filter((v) => v <= newest).map((v) => ({ os, architecture: 'arm', variant: `v${v}` }));
  if (architecture === 'arm') return arm(Number((variant ?? 'v7').slice(1)));
  if (architecture === 'arm64') return [wanted, { os, architecture }, ...arm(8)];
  if (architecture !== 'amd64') return [wanted];
  const level = Number((variant ?? 'v1').slice(1));
  const levels = [4, 3, 2].filter((v) => v <= level).map((v) => ({ os, architecture, variant: `v${v}` }));
  return [...levels, { os, architecture }, { os, architecture: '386' }];
}

/** The best of `candidates` for `wanted`; undefined when none runs there. Those without a platform never match. */
export function choosePlatform<T extends { readonly platform?: Platform }>(
  candidates: readonly T[],
  wanted: Platform,
): T | undefined {
  for (const platform of runnable(normalisePlatform(wanted))) {
    const text = formatPlatform(platform);
    const found = candidates.find((one) => one.platform && formatPlatform(normalisePlatform(one.platform)) === text);
    if (found) return found;
  }
  return undefined;
}

export function platformMatches(actual: Platform, wanted: Platform): boolean {
  return choosePlatform([{ platform: actual }], wanted) !== undefined;
}

/** Nothing that merely runs there: an image of amd64 is none of amd64/v2, one of arm/v6 none of arm/v7. */
export function isPlatform(actual: Platform, wanted: Platform): boolean {
  return formatPlatform(normalisePlatform(actual)) === formatPlatform(normalisePlatform(wanted));
}
