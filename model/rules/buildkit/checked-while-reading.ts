/** Names of the checks that BuildKit makes while it reads the file: they count in every stage, needed or not. */
export const CHECKED_WHILE_READING: ReadonlySet<string> = new Set([
  'ConsistentInstructionCasing',
  'MaintainerDeprecated',
  'NoEmptyContinuation',
]);
