import type { DockerfileRule } from '../dockerfile-rule.ts';
import { COPYING } from './copying.ts';
import { IMAGES_AND_USERS } from './images-and-users.ts';
import { LABELS } from './labels.ts';
import { PACKAGE_MANAGERS } from './package-managers.ts';
import { PINNED_PACKAGES } from './pinned-packages.ts';
import { POLICIES } from './policies.ts';
import { SHELL_HABITS } from './shell-habits.ts';
import { WIDER_CHECKS } from './wider-checks.ts';

/** hadolint's rules by its numbers, but for those that a check of BuildKit or a syntax rule covers: those have them as aliases. */
export const HADOLINT_RULES: readonly DockerfileRule[] = [
  ...POLICIES,
  ...SHELL_HABITS,
  ...IMAGES_AND_USERS,
  ...PINNED_PACKAGES,
  ...PACKAGE_MANAGERS,
  ...COPYING,
  ...LABELS,
  ...WIDER_CHECKS,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
