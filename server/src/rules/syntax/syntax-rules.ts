import type { DockerfileRule } from '../dockerfile-rule.ts';
import { argumentCount } from './argument-count.ts';
import { directiveCasing } from './directive-casing.ts';
import { heredocDestination } from './heredoc-destination.ts';
import { instructionBeforeFrom } from './instruction-before-from.ts';
import { invalidCopyFrom } from './invalid-copy-from.ts';
import { invalidDirective } from './invalid-directive.ts';
import { invalidFlag } from './invalid-flag.ts';
import { invalidHealthcheck } from './invalid-healthcheck.ts';
import { invalidImageReference } from './invalid-image-reference.ts';
import { invalidInstruction } from './invalid-instruction.ts';
import { invalidMount } from './invalid-mount.ts';
import { invalidPort } from './invalid-port.ts';
import { invalidSignal } from './invalid-signal.ts';
import { invalidStageName } from './invalid-stage-name.ts';
import { invalidSubstitution } from './invalid-substitution.ts';
import { jsonStringsOnly } from './json-strings-only.ts';
import { malformedJson } from './malformed-json.ts';
import { missingEquals } from './missing-equals.ts';
import { noInstructions } from './no-instructions.ts';
import { onbuildTrigger } from './onbuild-trigger.ts';
import { shellJsonForm } from './shell-json-form.ts';
import { unknownFlag } from './unknown-flag.ts';
import { unknownInstruction } from './unknown-instruction.ts';
import { unterminatedHeredoc } from './unterminated-heredoc.ts';

const SPECIFIC: readonly DockerfileRule[] = [
  unknownInstruction,
  unknownFlag,
  invalidFlag,
  invalidHealthcheck,
  invalidMount,
  argumentCount,
  invalidStageName,
  missingEquals,
  invalidSubstitution,
  jsonStringsOnly,
  malformedJson,
  shellJsonForm,
  onbuildTrigger,
  instructionBeforeFrom,
  noInstructions,
  invalidDirective,
  unterminatedHeredoc,
  invalidPort,
  invalidSignal,
  invalidImageReference,
  invalidCopyFrom,
  heredocDestination,
];

/** What makes a Dockerfile one that cannot be built. */
export const SYNTAX_RULES: readonly DockerfileRule[] = [...SPECIFIC, directiveCasing, invalidInstruction(SPECIFIC)];
