/**
 * Who refuses a Dockerfile, which says how builders word it: the parser of lines (`syntax`), that of instructions
 * (`instruction`), or what puts them together (`plan`).
 */
export type DecodeStage = 'syntax' | 'instruction' | 'plan';

/** Why an instruction cannot be decoded, in BuildKit's words; decodeInstruction turns it into data. */
export class DecodeError extends Error {
  readonly stage: DecodeStage;

  constructor(message: string, stage: DecodeStage = 'instruction') {
    super(message);
    this.stage = stage;
  }
}
