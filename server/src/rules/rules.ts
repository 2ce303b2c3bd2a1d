/** Every rule that there is. The order is that of the documentation. */
import { BUILDKIT_RULES } from './buildkit/buildkit-rules.ts';
import { COMPOSE_RULES } from './compose/compose-rules.ts';
import type { DockerfileRule } from './dockerfile-rule.ts';
import type { Rule } from './rule.ts';
import { SYNTAX_RULES } from './syntax/syntax-rules.ts';

export const DOCKERFILE_RULES: readonly DockerfileRule[] = [...SYNTAX_RULES, ...BUILDKIT_RULES];

/** All of them, of all languages: each has its page `docs/rules/<id>.md`. */
export const RULES: readonly Rule<never>[] = [...DOCKERFILE_RULES, ...COMPOSE_RULES];
