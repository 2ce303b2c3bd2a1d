/** Names of dockerfile-utils for what it checks too, and hadolint's number for all that it cannot read. */
import type { DockerfileRule } from './dockerfile-rule.ts';

const PARSE = 'DL1000';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  ArgumentCount: [
    PARSE,
    'ARGUMENT_MISSING',
    'ARGUMENT_EXTRA',
    'ARGUMENT_REQUIRES_ONE',
    'ARGUMENT_REQUIRES_AT_LEAST_ONE',
    'ARGUMENT_REQUIRES_TWO',
    'ARGUMENT_REQUIRES_AT_LEAST_TWO',
    'ARGUMENT_REQUIRES_ONE_OR_THREE',
    'ARGUMENT_UNNECESSARY',
    'INVALID_AS',
    'SHELL_REQUIRES_ONE',
  ],
  ConsistentInstructionCasing: ['CASING_INSTRUCTION'],
  DL3000: ['WORKDIR_IS_NOT_ABSOLUTE'],
  DL3021: ['INVALID_DESTINATION'],
  DirectiveCasing: ['CASING_DIRECTIVE'],
  DuplicateStageName: ['DUPLICATE_BUILD_STAGE_NAME'],
  ExposeInvalidFormat: ['INVALID_PORT'],
  HeredocDestination: [PARSE],
  InstructionBeforeFrom: ['NO_SOURCE_IMAGE'],
  InvalidCopyFrom: ['FLAG_INVALID_FROM_VALUE'],
  InvalidDefaultArgInFrom: ['BASE_NAME_EMPTY'],
  InvalidDirective: [PARSE, 'INVALID_ESCAPE_DIRECTIVE', 'DUPLICATED_ESCAPE_DIRECTIVE'],
  InvalidFlag: [
    PARSE,
    'FLAG_DUPLICATE',
    'FLAG_MISSING_VALUE',
    'FLAG_INVALID_FROM_VALUE',
    'FLAG_INVALID_LINK_VALUE',
    'FLAG_EXPECTED_BOOLEAN_VALUE',
  ],
  InvalidHealthcheck: [
    PARSE,
    'FLAG_AT_LEAST_ONE',
    'FLAG_INVALID_DURATION',
    'FLAG_LESS_THAN_1MS',
    'FLAG_MISSING_DURATION',
    'FLAG_UNKNOWN_UNIT',
    'UNKNOWN_TYPE',
    'HEALTHCHECK_CMD_ARGUMENT_MISSING',
    'INVALID_SYNTAX',
    'ARGUMENT_UNNECESSARY',
  ],
  InvalidImageReference: ['INVALID_REFERENCE_FORMAT', 'BASE_NAME_EMPTY', 'FLAG_INVALID_FROM_VALUE'],
  InvalidInstruction: [PARSE],
  InvalidMount: [PARSE],
  InvalidPort: ['INVALID_PORT', 'INVALID_PROTO'],
  InvalidSignal: ['INVALID_SIGNAL', 'ARGUMENT_EXTRA'],
  InvalidStageName: ['INVALID_BUILD_STAGE_NAME'],
  InvalidSubstitution: [
    PARSE,
    'INVALID_SYNTAX',
    'UNSUPPORTED_MODIFIER',
    'SYNTAX_MISSING_SINGLE_QUOTE',
    'SYNTAX_MISSING_DOUBLE_QUOTE',
  ],
  JsonStringsOnly: [PARSE],
  MaintainerDeprecated: ['DEPRECATED_MAINTAINER'],
  MalformedJson: ['JSON_IN_SINGLE_QUOTES'],
  MissingEquals: [PARSE, 'SYNTAX_MISSING_EQUALS', 'SYNTAX_MISSING_NAMES'],
  MultipleInstructionsDisallowed: ['MULTIPLE_INSTRUCTIONS'],
  NoEmptyContinuation: ['EMPTY_CONTINUATION_LINE'],
  NoInstructions: [PARSE, 'NO_SOURCE_IMAGE'],
  OnbuildTrigger: ['ONBUILD_CHAINING_DISALLOWED', 'ONBUILD_TRIGGER_DISALLOWED'],
  ShellJsonForm: [PARSE, 'SHELL_JSON_FORM', 'SHELL_REQUIRES_ONE'],
  UnknownFlag: [PARSE, 'UNKNOWN_ADD_FLAG', 'UNKNOWN_COPY_FLAG', 'UNKNOWN_FROM_FLAG', 'UNKNOWN_HEALTHCHECK_FLAG'],
  UnknownInstruction: [PARSE, 'UNKNOWN_INSTRUCTION'],
  UnterminatedHeredoc: [PARSE],
  WorkdirRelativePath: ['WORKDIR_IS_NOT_ABSOLUTE'],
};

export function withOtherNames(rules: readonly DockerfileRule[]): DockerfileRule[] {
  return rules.map((rule) => {
    const names = NAMES[rule.id];
    if (names === undefined) return rule;
    return {
      ...rule,
      aliases: [...(rule.aliases ?? []), ...names],
      check: (document) =>
        [...rule.check(document)].map((problem) =>
          problem.aliases === undefined ? problem : { ...problem, aliases: [...problem.aliases, ...names] },
        ),
    };
  });
}
