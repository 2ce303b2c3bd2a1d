/**
 * Docker's seccomp profile format (a superset of the runtime spec's, with conditions on capabilities, architecture and
 * kernel) resolved to what the OCI runtime takes.
 */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { parseJson } from '#model/engine-api/parse-json.ts';
import type { OciSeccomp, OciSyscalls } from '#model/oci/runtime-spec.ts';

interface Condition {
  readonly caps?: readonly string[];
  /** Go's names: amd64, arm64 … */
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}

export interface SeccompRule extends OciSyscalls {
  /** The old form: one name. */
  readonly name?: string;
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[];
  readonly flags?: readonly string[];
  readonly syscalls?: readonly SeccompRule[];
}

export interface SeccompFacts {
  readonly capabilities: readonly string[];
  /** Node's process.arch. */
  readonly architecture: string;
  /** os.release(), such as 6.1.0-17-amd64. */
  readonly kernel: string;
  /** Architectures (SCMP_ARCH_…) that no program on this host can have: rules for them cost 6 ms of every start. */
  readonly unusableArchitectures: readonly string[];
}

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', ia32: 'x86', arm64: 'arm64', arm: 'arm' };
const SCMP_ARCH: Readonly<Record<string, string>> = {
  x64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  s390x: 'SCMP_ARCH_S390X',
  riscv64: 'SCMP_ARCH_RISCV64',
};

/** Whether a release such as 6.1.0-17-amd64 is at least 5.12, say. */
export function kernelAtLeast(kernel: string, minimum: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function applies(rule: SeccompRule, facts: SeccompFacts): boolean {
  const arch = GO_ARCH[facts.architecture] ?? facts.architecture;
  const { includes = {}, excludes = {} } = rule;
  if (excludes.arches?.includes(arch)) return false;
  if (excludes.caps?.some((capability) => facts.capabilities.includes(capability))) return false;
  if (excludes.minKernel !== undefined && kernelAtLeast(facts.kernel, excludes.minKernel)) return false;
  if (includes.arches?.length && !includes.arches.includes(arch)) return false;
  if (includes.caps?.some((capability) => !facts.capabilities.includes(capability))) return false;
  return includes.minKernel === undefined || kernelAtLeast(facts.kernel, includes.minKernel);
}

function architectures(profile: SeccompProfile, facts: SeccompFacts): readonly string[] | undefined {
  if (profile.archMap === undefined || profile.archMap.length === 0) return profile.architectures;
  const own = profile.archMap.find((entry) => entry.architecture === SCMP_ARCH[facts.architecture]);
  if (own === undefined) return undefined;
  const others = own.subArchitectures ?? [];
  return [own.architecture, ...others.filter((name) => !facts.unusableArchitectures.includes(name))];
}

export function resolveSeccomp(profile: SeccompProfile, facts: SeccompFacts): OciSeccomp {
  const arches = architectures(profile, facts);
  const rules = (profile.syscalls ?? []).filter((rule) => applies(rule, facts));
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(arches === undefined ? {} : { architectures: arches }),
    ...(profile.flags === undefined ? {} : { flags: profile.flags }),
    syscalls: rules.map((rule) => ({
      names: rule.name ? [rule.name] : rule.names,
      action: rule.action,
      ...(rule.errnoRet === undefined ? {} : { errnoRet: rule.errnoRet }),
      ...(rule.args?.length ? { args: rule.args } : {}),
    })),
  };
}

/** @param json a profile as `--security-opt seccomp=FILE` sends it. Throws EngineError('internal'), as Docker's start does. */
export function parseSeccompProfile(json: string): SeccompProfile {
  try {
    const profile = parseJson(json) as SeccompProfile;
    if (typeof profile.defaultAction !== 'string') throw new Error('defaultAction is missing');
    return profile;
  } catch (cause) {
    const text = messageOf(cause)
      .replace('invalid JSON: ', '')
      .replace('unexpected EOF', 'unexpected end of JSON input');
    throw new EngineError('internal', `Decoding seccomp profile failed: ${text}`, { cause });
  }
}
