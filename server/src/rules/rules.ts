/** Every rule that there is, of all languages: each has its page `docs/rules/<id>.md`. */
import { COMPOSE_RULES } from './compose/compose-rules.ts';
import { DEVCONTAINER_RULES } from './devcontainer/devcontainer-rules.ts';
import { DOCKERFILE_RULES } from './dockerfile-rules.ts';
import { DOCKERIGNORE_RULES } from './dockerignore/dockerignore-rules.ts';
import type { Rule } from '#model/rules/rule.ts';

export const RULES: readonly Rule<never>[] = [
  ...DOCKERFILE_RULES,
  ...COMPOSE_RULES,
  ...DOCKERIGNORE_RULES,
  ...DEVCONTAINER_RULES,
];
