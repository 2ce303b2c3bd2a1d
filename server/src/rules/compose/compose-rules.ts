import type { ComposeRule } from '../compose-rule.ts';
import { repaired } from '../repaired.ts';
import { COMPOSE_REPAIRS } from './compose-repairs.ts';
import { dependencyCycle } from './dependency-cycle.ts';
import { duplicateMountTarget } from './duplicate-mount-target.ts';
import {
  configSource,
  conflictingLimits,
  containerNameWithScale,
  countAndDeviceIds,
  dockerfileAndInline,
  externalVolume,
  networkModeAndNetworks,
  secretSource,
} from './exclusive-settings.ts';
import { invalidHostIp } from './host-ip.ts';
import { buildAndImage, explicitTag, invalidImage, projectName } from './image-rules.ts';
import { invalidProjectName } from './invalid-project-name.ts';
import { driveLetter, invalidVolume, unknownVolumeOption } from './invalid-volume.ts';
import { missingFile } from './missing-file.ts';
import { noImageOrBuild } from './no-image-or-build.ts';
import { noVersionField } from './no-version-field.ts';
import { ORDER_RULES } from './order-rules.ts';
import { plainSecret } from './plain-secret.ts';
import { duplicateContainerName, duplicatePublishedPort, quotedPorts, unboundPort } from './port-rules.ts';
import { quotedVolumes } from './quoted-volumes.ts';
import { SCHEMA_RULES } from './schema-rules.ts';
import {
  healthcheckTest,
  invalidDevice,
  invalidExtraHost,
  invalidRestart,
  negativeCount,
  oldBoolean,
  platformNotBuilt,
  profileDependency,
} from './service-values.ts';
import { UNDEFINED_REFERENCES } from './undefined-references.ts';
import { undefinedStage } from './undefined-stage.ts';
import { unusedAnchor } from './unused-anchor.ts';
import { unusedDefinition } from './unused-definition.ts';
import { VALUE_FORMATS } from './value-formats.ts';
import { invalidInterpolation, unsetVariable } from './variable-rules.ts';
import { watchTarget } from './watch-rules.ts';
import { duplicateKey, invalidYaml, nonStringKey, unknownTag } from './yaml-rules.ts';

const RULES: readonly ComposeRule[] = [
  invalidYaml,
  duplicateKey,
  nonStringKey,
  unknownTag,
  ...SCHEMA_RULES,
  ...VALUE_FORMATS,
  invalidProjectName,
  invalidImage,
  invalidHostIp,
  invalidVolume,
  unknownVolumeOption,
  driveLetter,
  invalidDevice,
  invalidRestart,
  healthcheckTest,
  invalidExtraHost,
  negativeCount,
  oldBoolean,
  invalidInterpolation,
  unsetVariable,
  ...UNDEFINED_REFERENCES,
  undefinedStage,
  noImageOrBuild,
  dependencyCycle,
  dockerfileAndInline,
  networkModeAndNetworks,
  conflictingLimits,
  containerNameWithScale,
  countAndDeviceIds,
  externalVolume,
  platformNotBuilt,
  profileDependency,
  secretSource,
  configSource,
  watchTarget,
  duplicateMountTarget,
  duplicatePublishedPort,
  duplicateContainerName,
  missingFile,
  unusedDefinition,
  unusedAnchor,
  noVersionField,
  plainSecret,
  explicitTag,
  quotedPorts,
  quotedVolumes,
  buildAndImage,
  unboundPort,
  projectName,
  ...ORDER_RULES,
];

export const COMPOSE_RULES: readonly ComposeRule[] = repaired(RULES, COMPOSE_REPAIRS);
