/** Every rule that there is. The order is that of the documentation. */
import { consistentInstructionCasing } from './buildkit/consistent-instruction-casing.ts';
import { copyIgnoredFile } from './buildkit/copy-ignored-file.ts';
import { duplicateStageName } from './buildkit/duplicate-stage-name.ts';
import { exposeInvalidFormat } from './buildkit/expose-invalid-format.ts';
import { exposeProtoCasing } from './buildkit/expose-proto-casing.ts';
import { fromAsCasing } from './buildkit/from-as-casing.ts';
import { fromPlatformFlagConstDisallowed } from './buildkit/from-platform-flag-const-disallowed.ts';
import { invalidBaseImagePlatform } from './buildkit/invalid-base-image-platform.ts';
import { invalidDefaultArgInFrom } from './buildkit/invalid-default-arg-in-from.ts';
import { invalidDefinitionDescription } from './buildkit/invalid-definition-description.ts';
import { jsonArgsRecommended } from './buildkit/json-args-recommended.ts';
import { legacyKeyValueFormat } from './buildkit/legacy-key-value-format.ts';
import { maintainerDeprecated } from './buildkit/maintainer-deprecated.ts';
import { multipleInstructionsDisallowed } from './buildkit/multiple-instructions-disallowed.ts';
import { noEmptyContinuation } from './buildkit/no-empty-continuation.ts';
import { redundantTargetPlatform } from './buildkit/redundant-target-platform.ts';
import { reservedStageName } from './buildkit/reserved-stage-name.ts';
import { secretsUsedInArgOrEnv } from './buildkit/secrets-used-in-arg-or-env.ts';
import { stageNameCasing } from './buildkit/stage-name-casing.ts';
import { undefinedArgInFrom } from './buildkit/undefined-arg-in-from.ts';
import { undefinedVar } from './buildkit/undefined-var.ts';
import { workdirRelativePath } from './buildkit/workdir-relative-path.ts';
import type { DockerfileRule } from './dockerfile-rule.ts';
import type { Rule } from './rule.ts';

export const DOCKERFILE_RULES: readonly DockerfileRule[] = [
  stageNameCasing,
  fromAsCasing,
  noEmptyContinuation,
  consistentInstructionCasing,
  duplicateStageName,
  reservedStageName,
  jsonArgsRecommended,
  maintainerDeprecated,
  undefinedArgInFrom,
  workdirRelativePath,
  undefinedVar,
  multipleInstructionsDisallowed,
  legacyKeyValueFormat,
  invalidBaseImagePlatform,
  redundantTargetPlatform,
  secretsUsedInArgOrEnv,
  invalidDefaultArgInFrom,
  fromPlatformFlagConstDisallowed,
  copyIgnoredFile,
  invalidDefinitionDescription,
  exposeProtoCasing,
  exposeInvalidFormat,
];

/** All of them, of all languages: each has its page `docs/rules/<id>.md`. */
export const RULES: readonly Rule<never>[] = [...DOCKERFILE_RULES];
