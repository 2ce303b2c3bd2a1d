import { ADVICE_RULES } from './advice/advice-rules.ts';
import { BUILDKIT_RULES } from '#model/rules/buildkit/buildkit-rules.ts';
import { DOCKERFILE_REPAIRS } from './dockerfile-repairs.ts';
import type { DockerfileRule } from './dockerfile-rule.ts';
import { HADOLINT_RULES } from './hadolint/hadolint-rules.ts';
import { withOtherNames } from './other-names.ts';
import { repaired } from './repaired.ts';
import { SYNTAX_RULES } from './syntax/syntax-rules.ts';

export const DOCKERFILE_RULES: readonly DockerfileRule[] = repaired(
  withOtherNames([...SYNTAX_RULES, ...BUILDKIT_RULES, ...HADOLINT_RULES, ...ADVICE_RULES]),
  DOCKERFILE_REPAIRS,
);
