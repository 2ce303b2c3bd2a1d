import type { DockerfileRule } from '../dockerfile-rule.ts';
import { copyWholeContext } from './copy-whole-context.ts';
import { packageCacheMount } from './package-cache-mount.ts';

/** What no tool asks for as it comes: good advice for those who switch it on. */
export const ADVICE_RULES: readonly DockerfileRule[] = [copyWholeContext, packageCacheMount];
