/** Rules that follow what a project has agreed on. */
import { parseReference } from '#model/oci/reference.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

const trustedRegistries: DockerfileRule = {
  id: 'DL3026',
  severity: 'error',
  title: 'Base images come from the registries that .hadolint.yaml trusts',
  *check({ stages, hadolint }) {
    const { trustedRegistries: trusted } = hadolint;
    if (trusted === undefined || trusted.length === 0) return;
    for (const { image, base } of stages) {
      if (image === undefined || base !== undefined || image.text === 'scratch' || image.text.includes('$')) continue;
      const registry = registryOf(image.text);
      if (registry === undefined || trusted.some((pattern) => matches(registry, pattern))) continue;
      yield {
        span: image.span,
        message: `the registry '${registry}' is not among the trusted ones: ${trusted.join(', ')}`,
      };
    }
  },
};

/** `*` and `*.example.com`. */
function matches(registry: string, pattern: string): boolean {
  return pattern === '*' || pattern === registry || (pattern.startsWith('*.') && registry.endsWith(pattern.slice(1)));
}

function registryOf(image: string): string | undefined {
  try {
    return parseReference(image).domain;
  } catch {
    return undefined; // another rule's
  }
}

const noPragma: DockerfileRule = {
  id: 'DL1001',
  severity: 'warning',
  off: true,
  title: 'Rules are not switched off by comments',
  *check({ tree }) {
    for (const { text, span } of tree.comments) {
      if (/^(?:hadolint|slipway)\s+(?:(?:global|stage)\s+)?ignore\s*=/.test(text)) {
        yield { span, message: 'a rule is switched off here: fix what it reports' };
      }
    }
  },
};

export const POLICIES: readonly DockerfileRule[] = [noPragma, trustedRegistries];
